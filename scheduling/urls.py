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
    message_templates,
    messages,
    outbox,
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
    path("schedules/<int:pk>/messages/", messages.section, name="schedule-messages"),
    path("schedules/<int:pk>/messages/prepare/", messages.prepare, name="messages-prepare"),
    path("schedules/<int:pk>/messages/send/", messages.send, name="messages-send"),
    path("messages/<int:pk>/", messages.preview, name="message"),
    path("messages/<int:pk>/row/", messages.row, name="message-row"),
    path("messages/<int:pk>/html/", messages.html, name="message-html"),
    path("messages/<int:pk>/edit/", messages.edit, name="message-edit"),
    path("messages/<int:pk>/discard/", messages.discard, name="message-discard"),
    path("messages/<int:pk>/again/", messages.again, name="message-again"),
    path("messages/<int:pk>/arrived/", messages.arrived, name="message-arrived"),
    path("settings/templates/", message_templates.templates, name="settings-templates"),
    path("settings/templates/<slug:kind>/", message_templates.template, name="settings-template"),
    path("settings/templates/<slug:kind>/reset/", message_templates.reset, name="settings-template-reset"),
    path("settings/templates/<slug:kind>/example/", message_templates.example, name="settings-template-example"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<slug:name>/", outbox.mail, name="outbox-mail"),
    path("outbox/<slug:name>/html/", outbox.html, name="outbox-html"),
    path("outbox/<slug:name>/<int:number>/", outbox.part, name="outbox-part"),
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
