"""Rows of interviews as the pages show them: each with its conflicts, people, room and switch "</>"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from integrations import meetings
from integrations.connections import offered_tool
from integrations.registry import TOOLS, tool_name
from jobs.models import InterviewKind
from organizations.access import Access
from organizations.bidi import isolated
from organizations.models import Membership
from scheduling.availability.conflict_kinds import Conflict, Severity
from scheduling.availability.local_time import CLOCK_FORMAT, format_clock, format_offset
from scheduling.availability.planned import PlannedInterview
from scheduling.models import Interview, Room
from scheduling.planning.plan_state import INTERVIEW, SEEN
from scheduling.schedules.interview_forms import OFF, InterviewForm

#: The fields that a row shows only while it is open.
DETAILS = frozenset({"name", "kind", "minutes", "meeting", "place", "room"})


@dataclass
class ShownConflict:
    """A conflict beside its row: `ticked` when it is overridden."""

    conflict: Conflict
    ticked: bool

    @property
    def is_hint(self) -> bool:
        return self.conflict.severity == Severity.HINT

    @property
    def is_open(self) -> bool:
        """Whether it keeps the row from being saved."""
        return not self.ticked and not self.is_hint

    @property
    def icon(self) -> str:
        return {"impossible": "ban", "overridable": "alert-triangle"}.get(self.conflict.severity, "info-circle")

    @property
    def color(self) -> str:
        return {"impossible": "danger", "overridable": "warning"}.get(self.conflict.severity, "secondary")


@dataclass(frozen=True)
class ChosenPerson:
    """An interviewer of a row. `against`: the conflict in two or three words, empty for somebody who is free."""

    member: Membership
    against: str


@dataclass(frozen=True)
class ChosenRoom:
    """The room of a row. `against`: the conflict in two or three words, empty for one that is free."""

    room: Room
    against: str


@dataclass(frozen=True)
class LinkSwitch:
    """The switch "</>" of a row: the kind of its tool, the kind that the plan names, if any, and whether it is on."""

    kind: str
    plan: str
    is_on: bool

    @property
    def tool(self) -> str:
        return tool_name(self.kind) if self.kind in TOOLS else ""

    @property
    def pressed(self) -> str:
        """The setting after it is pressed, as the row's field has it."""
        after = "" if self.is_on else self.kind
        return "" if after == self.plan else after or OFF


def switch_of(access: Access, interview: Interview) -> LinkSwitch:
    """Return the switch of an interview that is saved. Wants `plan_interview` joined in."""
    plan, asked = interview.plan_interview.link_tool if interview.plan_interview else "", interview.asked_tool
    return LinkSwitch(asked or plan or offered_tool(access), plan, is_on=bool(asked))


@dataclass
class ShownRow:
    """One interview's form, its conflicts, and its time as the candidate reads it, with its date and in short."""

    form: InterviewForm
    index: int
    conflicts: list[ShownConflict]
    for_candidate: str = ""
    there: str = ""
    #: The interview that it changes, and the tool of its coding link, where that can be removed.
    interview: Interview | None = None
    linked_tool: str = ""
    #: The kind of tool that its switch is for.
    offered_tool: str = ""
    #: A free room for an interview whose plan wants one, while none is chosen.
    proposed_room: Room | None = None

    @property
    def key(self) -> str:
        return str(self.index)

    @property
    def prefix(self) -> str:
        return str(self.form.prefix)

    @property
    def remembered(self) -> list[tuple[str, str]]:
        """Names and values of the hidden fields by which "Edit plan" knows a row's interview; none elsewhere."""
        names = (f"{self.prefix}-{name}" for name in (INTERVIEW, SEEN))
        return [(name, str(self.form.data[name])) for name in names if name in self.form.data]

    @property
    def planned(self) -> PlannedInterview:
        """The interview as far as it is filled in, for the day view."""
        return self.form.planned(self.key, self.interview)

    @property
    def people_chosen(self) -> str:
        """Ids with commas between them."""
        return ",".join(str(person) for person in dict.fromkeys(self.planned.interviewers))

    @property
    def is_open_conflict(self) -> bool:
        """Whether it has a conflict that is not overridden."""
        return any(shown.is_open for shown in self.conflicts)

    @property
    def people(self) -> list[ChosenPerson]:
        """The people who are chosen, each with the first open conflict that concerns them."""
        against: dict[int | None, str] = {}
        for shown in self.conflicts:
            if shown.conflict.user is not None and shown.is_open:
                against.setdefault(shown.conflict.user, shown.conflict.brief)
        return [ChosenPerson(member, against.get(member.user_id, "")) for member in self.form.chosen]

    @property
    def room(self) -> ChosenRoom | None:
        """The chosen room, with the first open conflict or hint that concerns it."""
        room = self.form.chosen_room
        if room is None:
            return None
        against = (one.conflict.brief for one in self.conflicts if one.conflict.room == room.pk and not one.ticked)
        return ChosenRoom(room, next(against, ""))

    @property
    def has_rooms(self) -> bool:
        """Whether there are rooms to choose from."""
        return bool(self.form.rooms)

    @property
    def lacks_room(self) -> bool:
        """Whether its plan wants a room, and none is chosen."""
        return self.has_rooms and bool(self.form.plan and self.form.plan.needs_room) and self.form.chosen_room is None

    @property
    def expected(self) -> int:
        """How many interviewers the plan asks for; 0 where it doesn't say."""
        return self.form.plan.interviewer_count if self.form.plan else 0

    @property
    def is_short(self) -> bool:
        """Whether the plan asks for several interviewers, and some are not chosen yet."""
        return self.expected > 1 and len(self.form.chosen) < self.expected

    @property
    def tool(self) -> str:
        """The name of the coding tool whose link the interview gets, or empty."""
        kind = self.form.asked_tool
        return tool_name(kind) if kind in TOOLS else ""

    @property
    def switch(self) -> LinkSwitch:
        plan = self.form.plan.link_tool if self.form.plan else ""
        return LinkSwitch(self.form.asked_tool or plan or self.offered_tool, plan, is_on=bool(self.form.asked_tool))

    @property
    def is_switched_by_hand(self) -> bool:
        """Whether its coding link is on or off whatever its plan says."""
        return self.form.link_tool is not None

    @property
    def is_switched(self) -> bool:
        """Whether it wants another coding link, or none, than the interview that it changes."""
        return self.interview is not None and self.form.asked_tool != self.interview.asked_tool

    @property
    def is_switched_off(self) -> bool:
        return self.is_switched and not self.form.asked_tool

    @property
    def asks_about_link(self) -> bool:
        """Whether somebody has to decide about its link, because it is switched off."""
        return bool(self.linked_tool) and self.is_switched_off

    @property
    def number(self) -> int:
        return self.index + 1

    @property
    def title(self) -> str:
        """The name, isolated for use in a sentence, or the number of a row that has none yet."""
        return isolated(self.name) if self.name else _("Interview %(number)s") % {"number": self.number}

    @property
    def removed(self) -> str:
        """The message after it was removed."""
        message = _("“%(interview)s” removed.") if self.name else _("%(interview)s removed.")
        return message % {"interview": self.title}

    @property
    def chosen_ids(self) -> str:
        return ",".join(str(member.pk) for member in self.form.chosen)

    @property
    def is_open(self) -> bool:
        """Whether it shows all of its fields: somebody opened it, or one of them is wrong."""
        return self.form.is_open or not DETAILS.isdisjoint(self.form.errors)

    @property
    def name(self) -> str:
        return self.planned.name.strip()

    @property
    def minutes(self) -> str:
        return str(self.form["minutes"].value() or "").strip()

    @property
    def place(self) -> str:
        """Where it is: the room, and the video call or the location; or else how people meet."""
        kind, meeting = (str(self.form[name].value() or "") for name in ("kind", "meeting"))
        room = self.form.chosen_room
        is_made = bool(meeting) and kind == InterviewKind.VIDEO
        place = meetings.way_name(meeting) if is_made else str(self.form["place"].value() or "").strip()
        parts = (room.name if room else "", place)
        return " · ".join(filter(None, parts)) or str(dict(InterviewKind.choices).get(kind, ""))

    @property
    def day(self) -> str:
        """`Thu 3 Dec`, with the year where it is another one than now. Empty without a date."""
        day = getattr(self.form, "cleaned_data", {}).get("date")
        if not day:
            return ""
        return date_format(day, "DAY_FORMAT" if day.year == timezone.localdate().year else "DAY_YEAR_FORMAT")

    @property
    def clock(self) -> str:
        """`10:00–11:00`, or the beginning alone while there is no end. Empty without a time."""
        stretch, start = self.planned.stretch, getattr(self.form, "cleaned_data", {}).get("time")
        if stretch is not None:
            first, last = (format_clock(at.astimezone(ZoneInfo(self.form.zone))) for at in stretch)
            return f"{first}–{last}"
        return time_format(start, CLOCK_FORMAT) if start is not None else ""

    @property
    def first_open_conflict(self) -> str:
        """The id of what to decide first: the tick of an open conflict, or an impossible time. Empty without any."""
        for number, shown in enumerate(self.conflicts, start=1):
            if shown.conflict.severity == Severity.IMPOSSIBLE:
                return f"id_{self.prefix}-time"
            if shown.is_open:
                return f"override-{self.prefix}-{number}"
        return ""

    @property
    def open_conflicts(self) -> int:
        return sum(shown.is_open for shown in self.conflicts)

    @property
    def readings(self) -> list[tuple[str, str, bool]]:
        """Value, label and whether chosen, for a time that comes twice; also once it was chosen."""
        return _readings(self.form)


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


def accept_all(row: ShownRow) -> None:
    """Tick the conflicts of an interview that is there already: they were overridden, or came up later."""
    for shown in row.conflicts:
        shown.ticked = shown.conflict.severity == Severity.OVERRIDABLE
