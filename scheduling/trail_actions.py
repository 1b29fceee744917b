"""Sentences of the audit trail about candidates, schedules, links and messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from organizations.hooks.trail import Act, Action, Group, Kind
from organizations.models import Organization
from organizations.search import found_by
from scheduling.models import Candidate, KeptBecause, MessageKind

CANDIDATES, SCHEDULES, TEXTS = Group.CANDIDATES, Group.SCHEDULES, Group.TEXTS
ADDED, REMOVED, SENT, FAILED = Act.ADDED, Act.REMOVED, Act.SENT, Act.FAILED

ACTIONS = {
    "admin.link_retried": Action(
        _("Django admin: tried the coding link of %(candidate)s again"), "settings", Group.ADMIN
    ),
    "own_calendar.chosen": Action(
        ngettext_lazy(
            "Chose %(count)d calendar that keeps them busy", "Chose %(count)d calendars that keep them busy", "count"
        ),
        "calendar-event",
        Group.INTEGRATIONS,
    ),
    "rooms.chosen": Action(
        ngettext_lazy(
            "Changed whether %(count)d room can be booked", "Changed whether %(count)d rooms can be booked", "count"
        ),
        "map-pin",
        Group.INTEGRATIONS,
    ),
    "own_calendar.words_changed": Action(_("Changed their words in calendars"), "calendar-event", Group.INTEGRATIONS),
    "candidate.added": Action(_("Added %(candidate)s"), "user", CANDIDATES, ADDED),
    "candidate.changed": Action(_("Changed %(candidate)s"), "user", CANDIDATES),
    "candidate.deletion_asked": Action(
        _("Asked for %(candidate)s to be deleted once everyone is told"), "trash", CANDIDATES, REMOVED
    ),
    "candidate.removed": Action(_("Deleted a candidate"), "trash", CANDIDATES, REMOVED),
    "candidate.exported": Action(
        _("Downloaded everything held on %(candidate)s"), "download", CANDIDATES, Act.DISCLOSED
    ),
    "candidate.kept": Action(_("Keeps %(candidate)s: %(because)s"), "user", CANDIDATES),
    "candidate.released": Action(_("No longer keeps %(candidate)s"), "user", CANDIDATES),
    "erasure.tried_again": Action(
        ngettext_lazy(
            "Tried again to delete %(count)d coding interview in its tool",
            "Tried again to delete %(count)d coding interviews in their tools",
            "count",
        ),
        "trash",
        CANDIDATES,
    ),
    "erasure.left_there": Action(_("Left a deleted candidate's coding interview in its tool"), "trash", CANDIDATES),
    "retention.changed": Action(_("Changed when candidates are deleted: %(candidate_months)s"), "trash", CANDIDATES),
    "candidates.imported": Action(
        _("Imported candidates: %(added)s added, %(updated)s updated, %(skipped)s skipped"), "users", CANDIDATES, ADDED
    ),
    "schedules.exported": Action(
        ngettext_lazy("Exported %(count)d schedule", "Exported %(count)d schedules", "count"),
        "calendar-event",
        SCHEDULES,
        Act.DISCLOSED,
    ),
    "candidates.exported": Action(
        ngettext_lazy("Exported %(count)d candidate", "Exported %(count)d candidates", "count"),
        "users",
        CANDIDATES,
        Act.DISCLOSED,
    ),
    "schedule.created": Action(
        ngettext_lazy("Scheduled %(count)d interview", "Scheduled %(count)d interviews", "count"),
        "calendar-plus",
        SCHEDULES,
        ADDED,
    ),
    "schedule.moved": Action(
        ngettext_lazy("Moved %(count)d interview", "Moved %(count)d interviews together", "count"),
        "calendar-time",
        SCHEDULES,
    ),
    "schedule.cancelled": Action(_("Cancelled the schedule"), "calendar-x", SCHEDULES, REMOVED),
    "schedule.deleted": Action(_("Deleted a schedule of %(candidate)s"), "calendar-x", SCHEDULES, REMOVED),
    "interview.added": Action(_("Added “%(interview)s”"), "plus", SCHEDULES, ADDED),
    "interview.moved": Action(_("Moved “%(interview)s”"), "calendar-time", SCHEDULES),
    "interview.changed": Action(_("Changed “%(interview)s”"), "pencil", SCHEDULES),
    "interview.cancelled": Action(_("Cancelled “%(interview)s”"), "calendar-x", SCHEDULES, REMOVED),
    "interview.link_switched_on": Action(_("Switched on the coding link of “%(interview)s”"), "code", SCHEDULES),
    "interview.link_switched_off": Action(_("Switched off the coding link of “%(interview)s”"), "code", SCHEDULES),
    "interview.event_restored": Action(
        _("Put “%(interview)s” back into the calendar of %(user)s"), "calendar-event", SCHEDULES
    ),
    "interview.call_restored": Action(_("Put the video call of “%(interview)s” back"), "video", SCHEDULES),
    "calendar_event.tried_again": Action(
        _("Tried again to remove an interview from the calendar of %(user)s"), "calendar-x", SCHEDULES
    ),
    "calendar_event.left_there": Action(
        _("Left a removed interview in the calendar of %(user)s"), "calendar-x", SCHEDULES
    ),
    "schedule.time_kept": Action(_("Kept a time although another was proposed"), "calendar-time", SCHEDULES),
    "interview.member_left": Action(
        _("%(user)s left the organization and was removed from “%(interview)s”"), "pencil", SCHEDULES, REMOVED
    ),
    "join_link.revoked": Action(_("Join link revoked: %(person)s"), "link-off", SCHEDULES, REMOVED),
    "join_link.renewed": Action(_("Join link renewed: %(person)s"), "link", SCHEDULES),
    "link.removed": Action(_("Link removed"), "code", SCHEDULES, REMOVED),
    "link_run.started": Action(
        ngettext_lazy(
            "Started adding %(count)d coding link to interviews of “%(job)s”",
            "Started adding %(count)d coding links to interviews of “%(job)s”",
            "count",
        ),
        "link",
        SCHEDULES,
        ADDED,
    ),
    "link_run.paused": Action(_("Paused adding coding links to interviews of “%(job)s”"), "link", SCHEDULES),
    "link_run.resumed": Action(_("Resumed adding coding links to interviews of “%(job)s”"), "link", SCHEDULES),
    "link_run.cancelled": Action(
        _("Cancelled adding coding links to interviews of “%(job)s”"), "link-off", SCHEDULES, REMOVED
    ),
    "link_run.exported": Action(
        ngettext_lazy(
            "Exported the links of %(count)d interview of “%(job)s”",
            "Exported the links of %(count)d interviews of “%(job)s”",
            "count",
        ),
        "download",
        SCHEDULES,
        Act.DISCLOSED,
    ),
    "message.edited": Action(_("Edited the draft to %(person)s"), "send", SCHEDULES),
    "message.discarded": Action(_("Discarded the draft to %(person)s"), "send", SCHEDULES, REMOVED),
    "message.restored": Action(_("Restored the draft to %(person)s"), "send", SCHEDULES),
    "message.queued": Action(_("Queued: %(kind)s (%(person)s)"), "send", SCHEDULES, SENT),
    "message.withdrawn": Action(
        _("Withdrew the calendar event from the former address (%(person)s)"), "send", SCHEDULES, SENT
    ),
    "message.repeated": Action(_("Sent again to %(person)s"), "send", SCHEDULES, SENT),
    "message.arrived": Action(_("Confirmed by hand that it reached %(person)s"), "send", SCHEDULES),
    "message.sent": Action(_("Sent: %(kind)s (%(person)s)%(part)s"), "send", SCHEDULES, SENT),
    "message.failed": Action(_("Failed: %(kind)s (%(person)s)%(part)s"), "send", SCHEDULES, FAILED),
    "message.unknown": Action(_("May have been sent: %(kind)s (%(person)s)%(part)s"), "send", SCHEDULES, SENT),
    "message.not_sent": Action(_("Not sent: no mail server: %(kind)s (%(person)s)%(part)s"), "send", SCHEDULES, FAILED),
    "messagetemplate.changed": Action(_("Customized the template “%(kind)s”"), "template", TEXTS),
    "messagetemplate.reset": Action(_("Reset the template “%(kind)s” to the default"), "template", TEXTS),
    "calendar_words.changed": Action(_("Changed the words in calendars"), "calendar-event", TEXTS),
    "reasons.changed": Action(_("Changed the reasons for moving and cancelling"), "calendar-event", TEXTS),
    "demo.made": Action(_("Created the demo"), "building", Group.PEOPLE, ADDED, is_permanent=True),
}


def candidate_names(ids: Collection[int]) -> Mapping[int, str]:
    return {row.pk: str(row) for row in Candidate.objects.filter(pk__in=ids).only("name", "email")}


def found_candidates(organization: Organization, words: str) -> QuerySet[Candidate, int]:
    rows = Candidate.objects.filter(found_by(words, "search_key"), organization=organization)
    return rows.order_by().values_list("pk", flat=True)


KINDS = {
    "candidate": Kind(_("a deleted candidate"), candidate_names, found_candidates),
    "interview": Kind(_("an interview")),
}


def message_kind_label(kind: object) -> str:
    return str(dict(MessageKind.choices).get(str(kind), kind))


def part_label(part: object) -> str:
    if part == "copy":
        return _now(", copy in Cc")
    return _now(", further calendar event") if part else ""


def kept_label(because: object) -> str:
    return str(dict(KeptBecause.choices).get(str(because), because))


def candidate_months_label(months: object) -> str:
    return str(dict(Organization.CandidatePeriod.choices).get(months, months))  # type: ignore[call-overload]


LABELS = {
    "because": kept_label,
    "candidate_months": candidate_months_label,
    "kind": message_kind_label,
    "part": part_label,
}
