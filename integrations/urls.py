"""Addresses of the settings of integrations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
