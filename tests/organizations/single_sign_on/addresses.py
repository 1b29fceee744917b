"""Addresses of Panelist, and beside them a real provider of OpenID Connect: django-allauth's own."""

from django.urls import include, path

from config.urls import urlpatterns as ours

urlpatterns = [*ours, path("", include("allauth.idp.urls"))]
