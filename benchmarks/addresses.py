"""Every page that a member of an organization can open, for counting and measuring."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils import timezone

from integrations.models import CalendarCheck, CalendarConnection, KeyCheck
from jobs.models import PlanInterview
from organizations.models import Domain, Membership, Organization
from scheduling.models import CandidateImport, CodingLink, Interview, LinkRun, Message

# Loaded into another page by htmx.
PARTS = {
    "Search everything",
    "Schedule, dialog of links",
    "Schedule, messages",
    "Schedule, join links",
    "Message, row",
    "Run of links, progress",
    "Link, history",
}
# Shown in the demo alone, where mails are files: each mail of the page is looked up at once, see its own tests.
ONLY_IN_DEMO = {"outbox", "outbox-mail", "outbox-html", "outbox-part"}

# To a vendor, with a note in the session; only where the installation has a client there.
LEADS_AWAY = {"own-calendar-consent"}


def member_pages(organization: Organization) -> dict[str, str]:
    """Names of pages, and an address of each: lists as they open and searched, one row of each kind."""
    pages = _lists() | _of_a_schedule(organization) | _of_a_job(organization) | _settings(organization)
    return {
        name: reverse(view, kwargs={"organization": organization.slug, **kwargs}) + query
        for name, (view, kwargs, query) in pages.items()
    }


Address = tuple[str, Mapping[str, str | int], str]


def _lists() -> dict[str, Address]:
    return {
        "Home": ("home", {}, ""),
        "Home, all days": ("home", {}, "?days=all"),
        "Calendar": ("calendar", {}, ""),
        "Calendar, a day of candidates": ("calendar", {}, "?scope=day&by=candidates"),
        "Calendar, searched": ("calendar", {}, "?scope=list&q=garcia"),
        "Search everything": ("find", {}, "?q=garcia"),
        "Schedules": ("schedules", {}, ""),
        "Schedules, page 2": ("schedules", {}, "?page=2"),
        "Schedules, past": ("schedules", {}, "?show=past"),
        "Schedules, searched": ("schedules", {}, "?q=garcia"),
        "Saved filters": ("saved-filters", {"rows": "schedules"}, "?state=scheduled"),
        "New schedule": ("schedule-new", {}, ""),
        "Candidates": ("candidates", {}, ""),
        "Candidates, searched": ("candidates", {}, "?q=garcia"),
        "Candidates, to choose from": ("candidate-find", {}, "?q=garcia"),
        "New candidate": ("candidate-new", {}, ""),
        "Import": ("candidates-import", {}, ""),
        "Import, example": ("candidates-import-example", {}, ""),
        "Jobs": ("jobs", {}, ""),
        "New job": ("job-new", {}, ""),
    }


def _of_a_schedule(organization: Organization) -> dict[str, Address]:
    """Pages of the next loop, in which the first admin interviews."""
    admin = Membership.objects.filter(organization=organization, role="admin").order_by("id")[0]
    interview = Interview.objects.filter(organization=organization, assignments__membership=admin).get()
    schedule, one = interview.schedule, {"pk": interview.schedule_id}
    own, person = {"pk": interview.pk}, {"pk": schedule.candidate_id}
    draft = {"pk": Message.objects.filter(schedule=schedule, state="draft").order_by("id")[0].pk}
    people = ",".join(
        str(pk) for pk in Membership.objects.filter(organization=organization).values_list("pk", flat=True)[:9]
    )
    of = f"candidate={schedule.candidate_id}&people={people}"
    day = f"?entry_zone=Europe/Berlin&at={timezone.now():%Y-%m-%d+%H:%M}&{of}"
    dialog: dict[str, str | int] = {"pk": interview.schedule_id, "tool": "codesignal"}
    plan = f"?job={schedule.job_id}&stage={schedule.stage_id}&candidate={schedule.candidate_id}"
    return {
        "New schedule with a plan": ("schedule-new", {}, plan),
        "New schedule, a day": ("schedule-day", {}, day),
        "Schedule, Details": ("schedule", one, ""),
        "Schedule, Communications": ("schedule-communications", one, ""),
        "Schedule, dialog of links": ("links-dialog", dialog, ""),
        "Schedule, progress": ("links-progress", one, ""),
        "Schedule, messages": ("schedule-messages", one, ""),
        "Schedule, dialog of messages": ("messages-dialog", one, ""),
        "Schedule, join links": ("schedule-join-links", one, ""),
        "Schedule, History": ("schedule-history", one, ""),
        "Schedule, edit plan": ("schedule-plan", one, ""),
        "Schedule, move all": ("schedule-move", one, ""),
        "Schedule, cancel": ("schedule-cancel", one, ""),
        "Schedule, delete": ("schedule-delete", one, ""),
        "Message": ("message", draft, ""),
        "Message, row": ("message-row", draft, ""),
        "Message, HTML": ("message-html", draft, ""),
        "Message, edit": ("message-edit", draft, ""),
        "Add an interview": ("interview-add", one, ""),
        "Edit an interview": ("interview-edit", own, ""),
        "Replace an interviewer": ("interview-person", own, f"?person={admin.pk}"),
        "Add an interviewer": ("interview-person", own, ""),
        "Move an interview": ("interview-time", own, ""),
        "Cancel an interview": ("interview-cancel", own, ""),
        "Switch an interview's link": ("interview-link", own, ""),
        "Calendar, an interview": ("calendar-card", own, ""),
        "Own join link": ("interview-join", own, ""),
        "Link, history": ("link-history", own, ""),
        "Candidate": ("candidate", person, ""),
        "Candidate, edit": ("candidate-edit", person, ""),
        "Candidate, remove": ("candidate-remove", person, ""),
        "Candidate, keep": ("candidate-keep", person, ""),
    }


def _of_a_job(organization: Organization) -> dict[str, Address]:
    planned = PlanInterview.objects.filter(organization=organization).select_related("plan__stage").order_by("id")[0]
    job, stage, one = {"pk": planned.plan.stage.job_id}, {"pk": planned.plan.stage_id}, {"pk": planned.pk}
    run = {"pk": LinkRun.objects.filter(organization=organization).order_by("-id")[0].pk}
    return {
        "Job": ("job", job, ""),
        "Job, edit": ("job-edit", job, ""),
        "Job, links of all interviews": ("job-links", job, ""),
        "Run of links": ("link-run", run, ""),
        "Run of links, progress": ("link-run", run, "?part=progress"),
        "Run of links, searched": ("link-run", run, "?q=0001&result=ready"),
        "Job, delete": ("job-delete", job, ""),
        "Job, duplicate": ("job-duplicate", job, ""),
        "New stage": ("stage-new", job, ""),
        "Stage, edit": ("stage-edit", stage, ""),
        "Stage, remove": ("stage-remove", stage, ""),
        "Plan, new interview": ("plan-interview-new", stage, ""),
        "Plan, edit an interview": ("plan-interview-edit", one, ""),
        "Plan, remove an interview": ("plan-interview-remove", one, ""),
        "Plan, links by default": ("plan-interview-link", one, ""),
        "Plan, template": ("plan-interview-template", one, ""),
    }


def _settings(organization: Organization) -> dict[str, Address]:
    domain = {"pk": Domain.objects.get_or_create(organization=organization, name=f"{organization.slug}.example")[0].pk}
    member = {"pk": Membership.objects.filter(organization=organization).order_by("-id")[0].pk}
    check = {"pk": KeyCheck.objects.filter(organization=organization).order_by("-id")[0].pk}
    refused = {"pk": CodingLink.objects.filter(organization=organization, erase_asked_at__isnull=False)[0].pk}
    rows = {"pk": CandidateImport.objects.filter(organization=organization).order_by("-id")[0].pk}
    tool = {"kind": "codesignal"}
    return _of_calendars(organization) | {
        "Import, columns": ("candidates-import-columns", rows, ""),
        "Import, preview": ("candidates-import-confirm", rows, ""),
        "Settings, Organization": ("settings", {}, ""),
        "Settings, former members": ("settings-former-members", {}, ""),
        "Settings, delete the organization": ("settings-delete", {}, ""),
        "Settings, You": ("settings-profile", {}, ""),
        "Settings, your address": ("settings-profile-address", {}, ""),
        "Settings, your password": ("settings-profile-password", {}, ""),
        "Settings, your sessions": ("settings-profile-sessions", {}, ""),
        "Settings, Roles": ("settings-roles", {}, ""),
        "Help": ("help", {}, ""),
        "Help, a page": ("help-page", {"page": "user-guide"}, ""),
        "Settings, Members": ("settings-members", {}, ""),
        "Settings, invite a member": ("settings-invite-dialog", {}, ""),
        "Settings, two-step sign-in": ("settings-two-factors", {}, ""),
        "Settings, Single sign-on": ("settings-single-sign-on", {}, ""),
        "Settings, remove a provider": ("settings-provider-remove", {}, ""),
        "Settings, remove a domain": ("settings-domain-remove", domain, ""),
        "Settings, Directory": ("settings-directory", {}, ""),
        "Settings, Audit log": ("settings-security", {}, ""),
        "Settings, Member": ("settings-member", member, ""),
        "Settings, remove a member": ("settings-member-remove", member, ""),
        "Settings, Integrations": ("settings-integrations", {}, ""),
        "Settings, an integration": ("settings-integration", tool, ""),
        "Integration, a key's check": ("settings-key-check", check, ""),
        "Integration, health": ("settings-integration-health", tool, ""),
        "Integration, connect": ("settings-integration-connect", tool, ""),
        "Integration, connection": ("settings-integration-connection", tool, ""),
        "Integration, disconnect": ("settings-integration-disconnect", tool, ""),
        "Integration, webhook secret": ("settings-integration-webhook-secret", tool, ""),
        "Integration, new webhook secret": ("settings-integration-webhook-secret-new", tool, ""),
        "Settings, Templates": ("settings-templates", {}, ""),
        "Settings, a template": ("settings-template", {"kind": "candidate_invitation"}, ""),
        "Settings, Scheduling": ("settings-scheduling", {}, ""),
        "Settings, Privacy": ("settings-privacy", {}, ""),
        "Settings, leave at a tool": ("erasure-leave", refused, ""),
    }


def _of_calendars(organization: Organization) -> dict[str, Address]:
    """Pages of calendars: the organization's connection, and the first admin's own."""
    own = {"pk": CalendarConnection.objects.get(organization=organization, membership__isnull=False).pk}
    checks = CalendarCheck.objects.filter(organization=organization).order_by("id")
    everyones, ones_own = (checks.filter(membership__isnull=no).get().pk for no in (True, False))
    kind, feed = {"kind": "microsoft_365"}, {"kind": "ics_feed"}
    return {
        "Settings, everyone's calendars": ("settings-calendars", {}, ""),
        "Settings, members without a calendar": ("settings-calendars", {}, "?calendars=none"),
        "Settings, calendars with a problem": ("settings-calendars", {}, "?calendars=problem"),
        "Settings, rooms": ("settings-rooms", {}, ""),
        "Calendars, a connection": ("settings-calendar", kind, ""),
        "Calendars, connect": ("settings-calendar-connect", kind, ""),
        "Calendars, a check": ("settings-calendar-check", {"pk": everyones}, ""),
        "Calendars, disconnect": ("settings-calendar-disconnect", kind, ""),
        "Settings, a server for video calls": ("settings-meeting-server", {"kind": "jitsi"}, ""),
        "Settings, words in calendars": ("settings-calendar-words", {}, ""),
        "Your words in calendars": ("own-calendar-words", {}, ""),
        "Your calendars": ("own-calendars", {}, ""),
        "Your calendars, connect": ("own-calendar-connect", feed, ""),
        "Your calendars, a check": ("own-calendar-check", {"pk": ones_own}, ""),
        "Your calendars, disconnect": ("own-calendar-disconnect", own, ""),
    }
