"""Addresses of schedules and candidates, and the doors for visitors and vendors."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
