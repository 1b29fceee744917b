"""Trouble that concerns no single schedule: paused calendars, events left in calendars, deletions that wait. One query.

Each kind is read only where the reader's marks say that there may be one: see `organizations.hooks.marks`. The names of
the admins come with it, for those who have to ask one.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    F,
    Field,
    JSONField,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, Coalesce, NullIf

from integrations.models import CalendarConnection
from organizations.access import ADMIN_NAMES, Access, admins_of
from organizations.models import Membership, User
from organizations.reader_queries import ReaderQuery
from scheduling.calendar_events import left
from scheduling.coding_links import erasure as links
from scheduling.erasure import services as erasure
from scheduling.models import CalendarEvent, Interview

#: Events left at once: more have one cause, which the first ones tell.
MOST = 10


@dataclass
class WholeOrganization:
    """`paused` and `left` are rows that hold what their items say. `refused`: links that a tool doesn't delete, by its
    kind. `stuck`: candidates who could not be told that they are deleted."""

    paused: list[CalendarConnection] = field(default_factory=list)
    left: list[CalendarEvent] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    stuck: int = 0


class _Row(NamedTuple):
    what: str
    pk: int
    owner: int | None
    kind: str | None
    state: str | None
    code: str | None
    params: dict[str, Any] | None
    about: str | None
    person: str | None
    at: datetime | None


class _Kinds(NamedTuple):
    """Kinds of trouble that there may be for a reader, as their marks and their role say."""

    paused: bool
    left: bool
    deletions: bool

    @classmethod
    def of(cls, access: Access) -> _Kinds:
        marks, may = access.membership, access.may
        return cls(
            paused=getattr(marks, "has_paused_calendars", True),
            left=may.change_schedules and getattr(marks, "has_events_left", True),
            deletions=may.change_settings and getattr(marks, "has_deletions", True),
        )


def read(access: Access, now: datetime) -> WholeOrganization:
    """Read all of it that the reader's Home says."""
    found, kinds = WholeOrganization(), _Kinds.of(access)
    if not any(kinds):
        return found
    rows = [_Row(*row) for row in _query(kinds).all(access, now)]
    for row in sorted(rows, key=lambda row: (row.at is not None, row.at or datetime.min, row.pk)):
        if row.what == "paused":
            found.paused.append(_connection(row))
        elif row.what == "left":
            found.left.append(_event(row))
        elif row.what == "refused":
            found.refused[row.kind or ""] += 1
        elif row.what == "stuck":
            found.stuck += 1
    if not access.may.manage_integrations:
        named = sorted((row.about or "", row.pk, row.person or "") for row in rows if row.what == "admin")
        access.memo[ADMIN_NAMES] = [person for _key, _pk, person in named]
    return found


@functools.cache
def _query(kinds: _Kinds) -> ReaderQuery[tuple[Any, ...]]:
    """The query for these kinds: see `organizations.compiled`."""

    def build(access: Access, now: datetime) -> QuerySet[Any, Any]:
        first, *others = _parts(kinds, access, now)
        return first.union(*others, all=True) if others else first

    return ReaderQuery(build, datetime)


def _parts(kinds: _Kinds, access: Access, now: datetime) -> Iterator[QuerySet[Any, Any]]:
    if kinds.paused:
        yield _paused(access)
    if kinds.left:
        yield _left(access, now)
    if kinds.deletions:
        refused = links.failed(access.organization).select_related(None).order_by()
        yield _columns(refused, "refused", kind=F("integration__kind"))
        yield _columns(erasure.stuck(access.organization).order_by(), "stuck")
    if not access.may.manage_integrations:
        admins = admins_of(access.organization).order_by()
        yield _columns(admins, "admin", about=F("user__search_key"), person=_name_of("user"))


def _paused(access: Access) -> QuerySet[Any, Any]:
    mine = Q(membership=access.membership)
    if access.may.manage_integrations:
        mine |= Q(membership__isnull=True)
    paused = access.whole(CalendarConnection).filter(mine, state=CalendarConnection.State.PAUSED).order_by()
    columns = {"owner": "membership_id", "kind": "kind", "code": "problem_code", "params": "problem_params"}
    return _columns(paused, "paused", **{name: F(path) for name, path in columns.items()})


def _left(access: Access, now: datetime) -> QuerySet[Any, Any]:
    waiting = left.waiting(access.all(CalendarEvent), now).values("pk")[:MOST]
    return _columns(
        CalendarEvent.objects.filter(pk__in=waiting).order_by(),
        "left",
        owner=F("membership_id"),
        kind=F("connection__kind"),
        state=F("connection__state"),
        code=F("problem_code"),
        params=F("problem_params"),
        about=F("interview__name"),
        person=_name_of("membership__user"),
        at=F("starts_at"),
    )


#: The columns after `what` and the id. A union takes the types of its first part, so each part has all of them.
_COLUMNS: dict[str, Field[Any, Any]] = {
    "owner": BigIntegerField(),
    "kind": CharField(),
    "state": CharField(),
    "code": CharField(),
    "params": JSONField(),
    "about": CharField(),
    "person": CharField(),
    "at": DateTimeField(),
}


def _name_of(user: str) -> Coalesce:
    """A user as `str` has it."""
    return Coalesce(NullIf(F(f"{user}__name"), Value("")), F(f"{user}__email"), output_field=CharField())


def _columns(rows: QuerySet[Any], what: str, **columns: Any) -> QuerySet[Any, Any]:
    none = {name: Cast(Value(None), column) for name, column in _COLUMNS.items() if name not in columns}
    every = none | columns
    return rows.values_list(Value(what, output_field=CharField()), "pk", *(every[name] for name in _COLUMNS))


def _connection(row: _Row) -> CalendarConnection:
    return CalendarConnection(
        pk=row.pk,
        membership_id=row.owner,
        kind=row.kind or "",
        problem_code=row.code or "",
        problem_params=row.params or {},
    )


def _event(row: _Row) -> CalendarEvent:
    return CalendarEvent(
        pk=row.pk,
        interview=Interview(name=row.about) if row.about is not None else None,
        membership=Membership(pk=row.owner, user=User(name=row.person or "")) if row.owner is not None else None,
        connection=CalendarConnection(kind=row.kind, state=row.state or "") if row.kind is not None else None,
        problem_code=row.code or "",
        problem_params=row.params or {},
        starts_at=row.at,
    )
