"""Addresses of schedules and candidates, and the doors for visitors and vendors."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from scheduling import webhooks
from scheduling.views import communications, dialog, home, join, link_history, schedules

# Member pages; each below /o/<organization>/.
member_patterns: list[URLPattern | URLResolver] = [
    path("schedules/<int:pk>/", schedules.schedule, name="schedule"),
    path("home/", home.home, name="home"),
    path("schedules/<int:pk>/communications/", communications.communications, name="schedule-communications"),
    path("schedules/<int:pk>/codesignal/", dialog.dialog, name="schedule-codesignal"),
    path("schedules/<int:pk>/codesignal/progress/", communications.progress, name="schedule-codesignal-progress"),
    path("schedules/<int:pk>/codesignal/add/", dialog.add_links, name="links-add"),
    path("interviews/<int:pk>/codesignal/add/", dialog.add_link, name="link-add"),
    path("interviews/<int:pk>/codesignal/history/", link_history.history, name="link-history"),
    path("links/<int:pk>/remove/", dialog.remove_link, name="link-remove"),
    path("links/<int:pk>/retry/", dialog.retry_link, name="link-retry"),
    path("links/<int:pk>/choose/", dialog.choose_link, name="link-choose"),
    path("schedules/<int:pk>/join-links/", join.join_links, name="schedule-join-links"),
    path("schedules/<int:pk>/join-links/<int:link>/<slug:what>/", join.change_join_link, name="join-link-change"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:organization>/", include(member_patterns)),
    path("join/<str:token>/", join.join, name="join"),
    path("join/<str:token>/enter/", join.enter, name="join-enter"),
    path("hooks/<slug:kind>/<str:token>/", webhooks.receive, name="webhook"),
]
