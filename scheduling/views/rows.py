"""Rows of interviews with their conflicts: shared by "New schedule" and the dialogs on "Details"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.datastructures import MultiValueDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from organizations.access import Access
from organizations.models import Membership
from organizations.zones import city
from scheduling.availability import conflicts
from scheduling.availability.conflicts import Conflict, PlannedInterview
from scheduling.availability.local_time import format_offset, format_span
from scheduling.models import Candidate, Interview
from scheduling.planning.booking import Booking, this_minute
from scheduling.schedules.interview_forms import InterviewForm


@dataclass
class ShownConflict:
    """A conflict beside its row: `ticked` when it is overridden."""

    conflict: conflicts.Conflict
    ticked: bool

    @property
    def icon(self) -> str:
        return {"impossible": "ban", "overridable": "alert-triangle"}.get(self.conflict.severity, "info-circle")

    @property
    def color(self) -> str:
        return {"impossible": "danger", "overridable": "warning"}.get(self.conflict.severity, "secondary")


@dataclass
class ShownRow:
    """One interview's form, its conflicts, and its time as the candidate reads it."""

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
        """The interview as far as it is filled in, for the day view."""
        return self.form.planned(self.key)

    @property
    def people_chosen(self) -> str:
        """Ids with commas between them."""
        return ",".join(str(person) for person in dict.fromkeys(self.planned.interviewers))

    @property
    def is_open_conflict(self) -> bool:
        """Whether it has a conflict that is not overridden."""
        severities = {shown.conflict.severity for shown in self.conflicts if not shown.ticked}
        return bool(severities - {conflicts.Severity.HINT})

    @property
    def seats(self) -> list[SafeString]:
        """The options of each seat, also of empty ones; at least as many as the plan asks for, and at least one.

        Written here and not in the template, where hundreds of people in each of a dozen seats take long.
        """
        name = self.form.add_prefix("interviewers")
        chosen_people = self.form.data.getlist(name) if isinstance(self.form.data, MultiValueDict) else []
        plan = self.form.plan
        wanted = max(plan.interviewer_count if plan else 1, 1)
        options = [
            (str(person.pk), escape(f"{person.user} ({city(person.user.time_zone)})"))
            for person in self.form.people.values()
        ]
        return [_options(options, chosen) for chosen in chosen_people + [""] * max(wanted - len(chosen_people), 0)]

    @property
    def filled(self) -> str:
        """The number of the seat that was just filled from the search, for the focus; empty: none."""
        return str(self.form.data.get(self.form.add_prefix("filled"), ""))

    @property
    def readings(self) -> list[tuple[str, str, bool]]:
        """Value, label and whether chosen, for a time that comes twice; also once it was chosen."""
        return _readings(self.form)


def _options(options: Sequence[tuple[str, str]], chosen: str) -> SafeString:
    """Return the options of a select. `options` are values and names, which were escaped."""
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
        (str(which), f"{reading:%H:%M} ({format_offset(reading)})", fold == str(which))
        for which, reading in enumerate(both)
    ]


def members_of(access: Access) -> list[Membership]:
    """Return the organization's members by name: all of them can interview."""
    return list(access.all(Membership).select_related("user").order_by("user__search_key", "pk"))


@dataclass(frozen=True)
class InterviewForms:
    """The forms of interviews that are planned together, and what they are checked against.

    `zone` is the one of entry; `candidate` may be unsaved, or None while nobody is chosen. `interviews` are those that
    the forms change, one for each, in their order.
    """

    forms: Sequence[InterviewForm]
    zone: str
    candidate: Candidate | None
    interviews: Sequence[Interview | None] = ()

    def is_complete(self) -> bool:
        """Check every form, and return whether all are filled in, so that the interviews can be booked."""
        checks = [form.is_valid() and form.is_complete for form in self.forms]
        return all(checks)

    def overrides(self) -> list[dict[str, str]]:
        """Return the tokens of overridden conflicts, for each form. The pages ask for no reason."""
        return [dict.fromkeys(form.overrides, "") for form in self.forms]

    def bookings(self) -> list[Booking]:
        """Return the bookings. Only of complete forms."""
        return [Booking(form.details(), tokens) for form, tokens in zip(self.forms, self.overrides(), strict=True)]

    def planned(self) -> list[PlannedInterview]:
        for form in self.forms:
            form.is_valid()
        changed = self.interviews or [None] * len(self.forms)
        return [form.planned(str(index), changed[index]) for index, form in enumerate(self.forms)]

    def shown(
        self, access: Access, *, found: Sequence[Conflict] | None = None, checked: bool = False
    ) -> list[ShownRow]:
        """Return the rows with their conflicts: `found`, or as of now with at most four queries.

        Only `checked` rows show which fields are missing.
        """
        planned = self.planned()
        if found is None:
            found = conflicts.find_conflicts(
                access=access, planned=planned, zone=self.zone, now=this_minute(), candidate=self.candidate
            )
        rows = []
        for index, (form, one) in enumerate(zip(self.forms, planned, strict=True)):
            own = [
                ShownConflict(conflict, conflict.token in form.overrides)
                for conflict in found
                if conflict.planned == one.key
            ]
            rows.append(ShownRow(form, index, own, self._for_candidate(one)))
            if not checked:
                form.forget_errors()
        return rows

    def _for_candidate(self, planned: PlannedInterview) -> str:
        """Return the time as clocks show it where the candidate is; empty when it is the same zone."""
        if self.candidate is None or self.candidate.time_zone == self.zone or (stretch := planned.stretch) is None:
            return ""
        return format_span(*stretch, self.candidate.time_zone)


def accept_all(row: ShownRow) -> None:
    """Tick the conflicts of an interview that is there already: they were overridden, or came up later."""
    for shown in row.conflicts:
        shown.ticked = shown.conflict.severity == conflicts.Severity.OVERRIDABLE
