"""Addresses of signing in and of the organization itself."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
