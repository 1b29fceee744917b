"""Addresses of schedules and candidates, and the doors for visitors and vendors."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from scheduling import webhooks
from scheduling.views import schedules

# Member pages; each below /o/<organization>/.
member_patterns: list[URLPattern | URLResolver] = [
    path("schedules/<int:pk>/", schedules.schedule, name="schedule"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:organization>/", include(member_patterns)),
    path("hooks/<slug:kind>/<str:token>/", webhooks.receive, name="webhook"),
]
