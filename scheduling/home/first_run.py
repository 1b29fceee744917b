"""The checklist on Home: the first steps of an organization, each done where it stands.

What is done is read from what exists, so that it makes no difference where somebody did it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.connections import connected_tool
from integrations.registry import TOOLS, tool_name
from jobs.models import PlanInterview
from jobs.plan_templates import TEMPLATES
from organizations.access import Access
from organizations.first_steps import TestMail
from organizations.mail_server import can_leave
from organizations.models import Invitation, Membership, Organization
from scheduling.coding_links.display import admins_in_words
from scheduling.home.upcoming import Upcoming
from scheduling.models import Candidate, Message, Schedule
from scheduling.models.messages import NOTIFIED


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """A coding tool that can be connected. `has_stand_in`: one click connects a stand-in for it."""

    kind: str
    name: str
    has_stand_in: bool


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """A template of an interview plan: its key, and what it creates in words."""

    key: str
    words: str
    detail: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step. `note` says what it is for, what it waits for, or whom to ask; `can_do`: the reader can do it now."""

    key: str
    words: str
    note: str
    is_done: bool
    can_do: bool = True


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The checklist for one reader. `schedule_query` fills in "New schedule" with the newest candidate and plan.

    `mail` is the state of the test mail.
    """

    steps: list[Step]
    tools: list[ToolChoice]
    plans: list[PlanChoice]
    schedule_query: str
    mail: str

    @property
    def is_done(self) -> bool:
        return all(step.is_done for step in self.steps)

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def next_key(self) -> str:
        """The first step that the reader can do now; its button stands out."""
        return next((step.key for step in self.steps if step.can_do and not step.is_done), "")


def first_run(access: Access, upcoming: Upcoming | None) -> FirstRun | None:
    """The checklist; None where it is hidden, and for those who schedule nothing, or only for some jobs.

    Recruiters need it until they have scheduled somebody; the steps that are left then are an admin's.
    """
    if access.organization.checklist_hidden or not access.may.change_schedules or access.is_limited:
        return None
    if upcoming is not None and upcoming.schedules and not access.may.change_settings:
        return None
    there = _seen_in(upcoming, access) or _there_is(access.organization)
    steps = [_tool_step(access), _plan_step(access, there), _candidate_step(there), _schedule_step(there)]
    if access.may.manage_members:
        steps.append(_colleagues_step(there))
    if access.may.change_settings:
        steps.append(_mail_step(access, there))
    return FirstRun(
        steps=steps,
        tools=[ToolChoice(kind, tool_name(kind), bool(entry.trial_key())) for kind, entry in TOOLS.items()],
        plans=[_plan_choice(key) for key in TEMPLATES],
        schedule_query=_query_of(there),
        mail=access.organization.test_mail,
    )


def _query_of(there: dict[str, Any]) -> str:
    return "&".join(f"{name}={there[name]}" for name in ("candidate", "job", "stage") if there["job"] and there[name])


def _seen_in(upcoming: Upcoming | None, access: Access) -> dict[str, Any] | None:
    """Return what exists where the schedules to come show all of it: then nothing has to be asked."""
    schedules = upcoming.schedules if upcoming is not None else []
    people = {pk for schedule in schedules for interview in schedule.interviews for pk in interview.people}
    mails = (mail for schedule in schedules for sent in schedule.mails.values() for mail in sent)
    told = access.organization.test_mail == TestMail.SENT or any(mail.state in NOTIFIED for mail in mails)
    if not (told and people - {access.membership.pk} and any(schedule.stage for schedule in schedules)):
        return None
    known = dict.fromkeys(("candidate", "stage", "schedule", "members", "told"), True)
    return {**known, "job": None, "invited": False}


def _there_is(organization: Organization) -> dict[str, Any]:
    """Return in one query the ids of the newest candidate and plan, and whether there are any of the others."""
    own = Q(organization=OuterRef("pk"))
    planned = PlanInterview.objects.filter(own).order_by("-id")
    values: dict[str, Any] = {
        "candidate": Subquery(Candidate.objects.filter(own).order_by("-id").values("pk")[:1]),
        "job": Subquery(planned.values("plan__stage__job")[:1]),
        "stage": Subquery(planned.values("plan__stage")[:1]),
        "schedule": Exists(Schedule.objects.filter(own)),
        "invited": Exists(Invitation.objects.filter(own)),
        "members": Exists(Membership.objects.filter(own).order_by("id").values("pk")[1:2]),
        "told": Exists(Message.objects.filter(own, state__in=NOTIFIED)),
    }
    found: Any = Organization.objects.filter(pk=organization.pk).values(**values).get()
    return dict(found)


def _tool_step(access: Access) -> Step:
    connected = [tool_name(kind) for kind in TOOLS if connected_tool(access, kind) is not None]
    if connected:
        return Step("tool", _("%(tool)s is connected") % {"tool": connected[0]}, "", is_done=True)
    if access.may.manage_integrations:
        note = _("It generates the live coding links. Once for the whole organization.")
    else:
        note = _("Ask %(admins)s to connect it.") % {"admins": admins_in_words(access)}
    return Step("tool", _("Connect a coding tool"), note, is_done=False, can_do=access.may.manage_integrations)


def _plan_step(access: Access, there: dict[str, Any]) -> Step:
    note = _("Start from a template. You can change everything later.")
    return Step("plan", _("Create an interview plan"), note, bool(there["stage"]), can_do=access.may.manage_jobs)


def _candidate_step(there: dict[str, Any]) -> Step:
    return Step(
        "candidate", _("Add a candidate"), _("A name and an e-mail address are enough."), bool(there["candidate"])
    )


def _schedule_step(there: dict[str, Any]) -> Step:
    is_ready = bool(there["candidate"] and there["stage"])
    note = _("The plan proposes interviews and times.") if is_ready else _("Needs a plan and a candidate first.")
    return Step("schedule", _("Schedule the interviews"), note, there["schedule"], can_do=is_ready)


def _colleagues_step(there: dict[str, Any]) -> Step:
    note = _("Interviewers see their own interviews and join with one click.")
    return Step("colleagues", _("Invite your colleagues"), note, there["members"] or there["invited"])


def _mail_step(access: Access, there: dict[str, Any]) -> Step:
    state = access.organization.test_mail
    email = access.user.email
    notes = {
        TestMail.QUEUED: _("Sending to %(email)s…") % {"email": email},
        TestMail.SENT: _("Sent. Check your inbox."),
        TestMail.FAILED: _("The mail server didn't accept it. Check EMAIL_URL on the server, then try again."),
    }
    note = notes.get(TestMail(state)) if state else _("Invitations are sent by e-mail.")
    if not can_leave():
        note = _("No mail server is set up. Set EMAIL_URL on the server, then restart Panelist.")
    is_done = can_leave() and (state == TestMail.SENT or there["told"])
    can_do = can_leave() and state != TestMail.QUEUED
    return Step("mail", _("Check that mail works"), str(note), is_done, can_do=can_do)


def _plan_choice(key: str) -> PlanChoice:
    template = TEMPLATES[key]
    number = len(template.interviews)
    detail = ngettext("%(job)s, %(number)d interview", "%(job)s, %(number)d interviews", number)
    return PlanChoice(key, str(template.stage), detail % {"job": template.title, "number": number})
