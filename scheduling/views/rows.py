"""Rows of interviews with their conflicts: shared by "New schedule" and the dialogs on "Details"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from integrations import meetings
from integrations.connections import offered_tool
from organizations.access import Access
from organizations.models import Membership
from organizations.zones import city
from scheduling.availability import conflicts
from scheduling.availability.conflict_kinds import Conflict
from scheduling.availability.local_time import format_clock, format_span
from scheduling.availability.planned import PlannedInterview
from scheduling.availability.rooms import Rooms, are_any
from scheduling.models import Candidate, Interview
from scheduling.planning.booking import Booking, this_minute
from scheduling.schedules.interview_forms import InterviewForm, Ways
from scheduling.views.shown_rows import ShownConflict, ShownRow


def ways_of(people: Sequence[Membership]) -> Ways:
    """Return what the rows of a page offer as ways to meet. `people` come from `members_of`, which read them, too."""
    usable = meetings.usable_of(getattr(people[0], "ways", 0)) if people else None
    return lambda chosen: meetings.choices(usable, chosen)


def rooms_for(access: Access, people: Sequence[Membership], interviews: Iterable[Interview | None] = ()) -> Rooms:
    """Return the rooms to choose from. `people` come from `members_of`, which asked whether there are any."""
    known = [one.room for one in interviews if one is not None and one.room is not None]
    return Rooms(access, known, are_any=bool(people) and bool(getattr(people[0], "has_rooms", False)))


def members_of(access: Access) -> list[Membership]:
    """Return the organization's members by name: all of them can interview. With them come its ways to meet, and
    whether it has rooms."""
    rows = access.all(Membership).annotate(ways=meetings.usable_column(access.organization), has_rooms=are_any())
    return list(rows.select_related("user").order_by("user__search_key", "pk"))


@dataclass(frozen=True)
class InterviewForms:
    """The forms of interviews that are planned together, and what they are checked against.

    `zone` is the one of entry; `candidate` may be unsaved, or None while nobody is chosen. `interviews` are those that
    the forms change, one for each, in their order. `excluded`: ids of interviews that are cancelled together with them.
    """

    forms: Sequence[InterviewForm]
    zone: str
    candidate: Candidate | None
    interviews: Sequence[Interview | None] = ()
    excluded: Sequence[int] = ()
    #: Whether rows that lack a room get a free one proposed. That takes three queries.
    proposes: bool = False

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
                access=access,
                planned=planned,
                zone=self.zone,
                now=this_minute(),
                candidate=self.candidate,
                excluded=self.excluded,
                people=self.forms[0].people if self.forms else None,
            )
        changed = self.interviews or [None] * len(self.forms)
        offered = offered_tool(access)
        rows = []
        for index, (form, one) in enumerate(zip(self.forms, planned, strict=True)):
            own = [
                ShownConflict(conflict, conflict.token in form.overrides)
                for conflict in found
                if conflict.planned == one.key
            ]
            rows.append(
                ShownRow(
                    form, index, own, self._for_candidate(one), self._there(one), changed[index], offered_tool=offered
                )
            )
            if not checked:
                form.forget_errors()
        if self.proposes:
            self._propose_rooms(access, rows)
        return rows

    def _propose_rooms(self, access: Access, rows: Sequence[ShownRow]) -> None:
        """Fill in a free room for each row that lacks one: two queries, where there is such a row."""
        lacking = [row for row in rows if row.lacks_room and row.planned.starts_at is not None]
        if not lacking:
            return
        proposed = conflicts.free_rooms(
            access=access,
            wanted={row.key: max(row.expected, len(row.form.chosen)) for row in lacking},
            planned=[row.planned for row in rows],
            rooms=lacking[0].form.rooms.all(),
            zone=self.zone,
            excluded=self.excluded,
        )
        for row in lacking:
            row.proposed_room = proposed.get(row.key)

    def _for_candidate(self, planned: PlannedInterview) -> str:
        """Return the time as clocks show it where the candidate is; empty when it is the same zone."""
        if self.candidate is None or self.candidate.time_zone == self.zone or (stretch := planned.stretch) is None:
            return ""
        return format_span(*stretch, self.candidate.time_zone)

    def _there(self, planned: PlannedInterview) -> str:
        """Return `Tue 08:00 in Tokyo`, for a candidate in another zone; the day only where it is another one."""
        if not self._for_candidate(planned) or self.candidate is None or planned.starts_at is None:
            return ""
        here, there = (planned.starts_at.astimezone(ZoneInfo(zone)) for zone in (self.zone, self.candidate.time_zone))
        day = "" if here.date() == there.date() else f"{date_format(there, 'D')} "
        values = {"clock": f"{day}{format_clock(there)}", "city": city(self.candidate.time_zone)}
        return _("%(clock)s in %(city)s") % values
