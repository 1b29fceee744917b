"""Addresses of jobs and their interview plans."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
