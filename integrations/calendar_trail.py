"""The audit trail of calendar connections: its rows and their sentences. No address and no name is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.calendar_texts import calendar_name, calendar_sentence
from integrations.models import CalendarCheck, CalendarConnection
from organizations.audit import Person, record
from organizations.hooks.trail import Act, Action, Group
from organizations.models import User

HERE, ICON = Group.INTEGRATIONS, "calendar-event"

ACTIONS = {
    "calendar.entered": Action(_("Entered credentials for %(calendar)s, to be checked"), ICON, HERE, Act.ADDED),
    "calendar.refused": Action(
        _("The credentials for %(calendar)s were not accepted: %(calendar_problem)s"), ICON, HERE, Act.FAILED
    ),
    "calendar.connected": Action(_("Connected %(calendar)s for everyone"), ICON, HERE, Act.ADDED),
    "calendar.replaced": Action(_("Replaced the credentials for %(calendar)s"), ICON, HERE),
    "calendar.disconnected": Action(_("Disconnected %(calendar)s"), ICON, HERE, Act.REMOVED),
    "calendar.paused": Action(_("Paused %(calendar)s: %(calendar_problem)s"), ICON, HERE, Act.FAILED),
    "calendar.resumed": Action(_("%(calendar)s works again"), ICON, HERE),
    "own_calendar.entered": Action(_("Entered their own %(calendar)s, to be checked"), ICON, HERE, Act.ADDED),
    "own_calendar.refused": Action(
        _("The %(calendar)s of %(user)s was not accepted: %(calendar_problem)s"), ICON, HERE, Act.FAILED
    ),
    "own_calendar.connected": Action(_("Connected their own %(calendar)s"), ICON, HERE, Act.ADDED),
    "own_calendar.replaced": Action(_("Connected their own %(calendar)s again"), ICON, HERE),
    "own_calendar.disconnected": Action(_("Disconnected the %(calendar)s of %(user)s"), ICON, HERE, Act.REMOVED),
    "own_calendar.paused": Action(
        _("Paused the %(calendar)s of %(user)s: %(calendar_problem)s"), ICON, HERE, Act.FAILED
    ),
    "own_calendar.resumed": Action(_("The %(calendar)s of %(user)s works again"), ICON, HERE),
}


def calendar_problem_label(problem: object) -> str:
    """The sentence of a `problem_detail`."""
    if not isinstance(problem, Mapping):
        return ""
    return calendar_sentence(str(problem.get("kind")), str(problem.get("code", "")), problem.get("params") or {})


def calendar_label(kind: object) -> str:
    return calendar_name(str(kind))


LABELS = {"calendar": calendar_label, "calendar_problem": calendar_problem_label}


def problem_detail(row: CalendarConnection | CalendarCheck) -> dict[str, Any]:
    """A row's problem as the trail keeps it: without the name of an account."""
    params = {key: value for key, value in row.problem_params.items() if key == "missing"}
    return {"kind": row.kind, "code": row.problem_code, "params": params}


def record_calendar(
    row: CalendarConnection | CalendarCheck, actor: User | None, event: str, *, problem: dict[str, Any] | None = None
) -> None:
    """Write what happened to a connection or a check. The owner of a personal one is the person that it is about."""
    detail: dict[str, Any] = {"calendar": row.kind}
    if problem is not None:
        detail["calendar_problem"] = problem
    person = None
    if row.membership is not None:
        detail["user"] = row.membership.user_id
        person = Person("user", row.membership.user_id)
    record(
        organization=row.organization,
        actor=actor,
        action=f"{'calendar' if person is None else 'own_calendar'}.{event}",
        subject=row,
        person=person,
        detail=detail,
    )
