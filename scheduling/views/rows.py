"""Rows of interviews with what speaks against them: shared by "New schedule" and the dialogs of one interview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from organizations.access import Access
from organizations.models import Membership
from organizations.zones import city
from scheduling.availability import conflicts
from scheduling.availability.conflicts import PlannedInterview
from scheduling.availability.local_time import format_offset, format_span
from scheduling.models import Candidate, Interview
from scheduling.schedules.interview_forms import InterviewForm


@dataclass
class ShownConflict:
    """A conflict beside its row: `ticked` when it is overruled."""

    conflict: conflicts.Conflict
    ticked: bool

    @property
    def icon(self) -> str:
        return {"impossible": "ban", "overridable": "alert-triangle"}.get(self.conflict.severity, "info-circle")

    @property
    def tone(self) -> str:
        return {"impossible": "danger", "overridable": "warning"}.get(self.conflict.severity, "secondary")


@dataclass
class ShownRow:
    """One interview's form, what speaks against it, and its time as the candidate reads it."""

    form: InterviewForm
    index: int
    conflicts: list[ShownConflict]
    for_candidate: str = ""

    @property
    def key(self) -> str:
        return str(self.index)

    @property
    def prefix(self) -> str:
        return str(self.form.prefix)

    @property
    def planned(self) -> PlannedInterview:
        """The row as far as it is filled in, for the day view."""
        return self.form.planned(self.key)

    @property
    def people_chosen(self) -> str:
        """Ids with commas between them."""
        return ",".join(str(person) for person in dict.fromkeys(self.planned.interviewers))

    @property
    def is_open_conflict(self) -> bool:
        """Whether something speaks against it that is not overruled."""
        severities = {shown.conflict.severity for shown in self.conflicts if not shown.ticked}
        return bool(severities - {conflicts.Severity.HINT})

    @property
    def seats(self) -> list[SafeString]:
        """The choices of each place, also of empty ones; at least the plan's number of places, and at least one.

        Written here and not in the template, where hundreds of people in each of a dozen places take long.
        """
        name = self.form.add_prefix("interviewers")
        places = self.form.data.getlist(name) if isinstance(self.form.data, MultiValueDict) else []
        plan = self.form.plan
        wanted = max(plan.interviewer_count if plan else 1, 1)
        options = [
            (str(person.pk), escape(f"{person.user} ({city(person.user.time_zone)})"))
            for person in self.form.people.values()
        ]
        return [_options(options, chosen) for chosen in places + [""] * max(wanted - len(places), 0)]

    @property
    def filled(self) -> str:
        """The number of the place that was just filled from the search, for the focus; empty: none."""
        return str(self.form.data.get(self.form.add_prefix("filled"), ""))

    @property
    def readings(self) -> list[tuple[str, str, bool]]:
        """Value, words and whether chosen, for a time that comes twice; also once it was chosen."""
        return _readings(self.form)


def _options(options: Sequence[tuple[str, str]], chosen: str) -> SafeString:
    """`options` are values and names, which were escaped."""
    return mark_safe(  # noqa: S308
        "".join(
            f'<option value="{value}"{" selected" if value == chosen else ""}>{name}</option>'
            for value, name in options
        )
    )


def _readings(form: InterviewForm) -> list[tuple[str, str, bool]]:
    fold = str(form["fold"].value() or "")
    data = getattr(form, "cleaned_data", {})
    day, clock = data.get("date"), data.get("time")
    if not day or clock is None:
        return []
    place = ZoneInfo(form.zone)
    both = [datetime.combine(day, clock.replace(fold=which), tzinfo=place) for which in (0, 1)]
    first, second = (reading.utcoffset() for reading in both)
    if first is None or second is None or first <= second:
        return []
    return [
        (str(which), f"{reading:%H:%M} {reading.tzname() or ''} ({format_offset(reading)})", fold == str(which))
        for which, reading in enumerate(both)
    ]


def members_of(access: Access) -> list[Membership]:
    """Everybody who can be asked to interview, by name."""
    return list(access.all(Membership).select_related("user").order_by("user__search_key", "pk"))


def show_rows(
    access: Access,
    forms: Sequence[InterviewForm],
    zone: str,
    candidate: Candidate | None,
    interviews: Sequence[Interview | None] = (),
    *,
    checked: bool = False,
) -> list[ShownRow]:
    """The rows with their conflicts as of now; at most four queries. Only `checked` rows show what is missing.

    `interviews`: those that the rows change, one for each, in their order.
    """
    for form in forms:
        form.is_valid()
    changed = interviews or [None] * len(forms)
    planned = [form.planned(str(index), changed[index]) for index, form in enumerate(forms)]
    now = timezone.now().replace(second=0, microsecond=0)  # what begins this very minute is not in the past
    found = conflicts.find_conflicts(access=access, planned=planned, zone=zone, now=now, candidate=candidate)
    shown = []
    for index, (form, row) in enumerate(zip(forms, planned, strict=True)):
        mine = [ShownConflict(one, one.token in form.accepted) for one in found if one.planned == row.key]
        words = ""
        if candidate is not None and candidate.time_zone != zone and row.starts_at and row.ends_at:
            words = format_span(row.starts_at, row.ends_at, candidate.time_zone)
        shown.append(ShownRow(form, index, mine, words))
        if not checked:
            form.forget_errors()
    return shown


def accept_all(row: ShownRow) -> None:
    """Ticks what speaks against an interview that is there already: it was overruled, or came up later."""
    for shown in row.conflicts:
        shown.ticked = shown.conflict.severity == conflicts.Severity.OVERRIDABLE


def blocks_saving(rows: Sequence[ShownRow]) -> bool:
    """Whether something is left that is impossible, or not overruled."""
    found = [shown.conflict for row in rows for shown in row.conflicts]
    return bool(conflicts.undecided(found, {row.key: row.form.accepted for row in rows}))


def overruled(row: ShownRow) -> list[str]:
    """Sentences of what was overruled knowingly in this row, for the trail."""
    return [
        shown.conflict.message
        for shown in row.conflicts
        if shown.ticked and shown.conflict.severity == conflicts.Severity.OVERRIDABLE
    ]
