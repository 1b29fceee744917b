"""Addresses of schedules and candidates, and the doors for visitors and vendors."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from scheduling import webhooks
from scheduling.views import (
    builder,
    candidates,
    communications,
    dialog,
    history,
    home,
    interviews,
    join,
    link_history,
    reasons,
    schedules,
)

# Member pages; each below /o/<organization>/.
member_patterns: list[URLPattern | URLResolver] = [
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/new/", builder.schedule_new, name="schedule-new"),
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
    path("schedules/<int:pk>/history/", history.schedule_history, name="schedule-history"),
    path("schedules/<int:pk>/cancel/", schedules.schedule_cancel, name="schedule-cancel"),
    path("schedules/<int:pk>/delete/", schedules.schedule_delete, name="schedule-delete"),
    path("schedules/<int:pk>/interviews/new/", interviews.interview_add, name="interview-add"),
    path("interviews/<int:pk>/edit/", interviews.interview_edit, name="interview-edit"),
    path("interviews/<int:pk>/cancel/", interviews.interview_cancel, name="interview-cancel"),
    path("candidates/", candidates.candidates, name="candidates"),
    path("candidates/find/", builder.candidate_find, name="candidate-find"),
    path("candidates/new/", candidates.candidate_new, name="candidate-new"),
    path("candidates/<int:pk>/", candidates.candidate, name="candidate"),
    path("candidates/<int:pk>/edit/", candidates.candidate_edit, name="candidate-edit"),
    path("candidates/<int:pk>/remove/", candidates.candidate_remove, name="candidate-remove"),
    path("settings/scheduling/", reasons.settings_scheduling, name="settings-scheduling"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:organization>/", include(member_patterns)),
    path("join/<str:token>/", join.join, name="join"),
    path("join/<str:token>/enter/", join.enter, name="join-enter"),
    path("hooks/<slug:kind>/<str:token>/", webhooks.receive, name="webhook"),
]
