"""Move several schedules alike on the clock, for one reason: previewed, then each in its own transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import Access
from scheduling.availability.conflict_kinds import Conflict, Severity
from scheduling.availability.local_time import WallClockError, format_span, moment, to_wall_clock
from scheduling.models import Interview, Schedule
from scheduling.planning import booking
from scheduling.planning.booking import Undecided
from scheduling.planning.movable import movable, version_of
from scheduling.schedules.rescheduling import Move
from scheduling.schedules.selected import Outcome
from scheduling.schedules.trail_rows import GivenReason


@dataclass(frozen=True)
class Shift:
    """One interview, and its time before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class MoveToMake:
    """The move of one schedule, before it is made. `problem`: why it can't be moved.

    `conflicts` can be overridden, for the whole schedule; `version` is the state of its interviews that was shown.
    """

    schedule: Schedule
    shifts: Sequence[Shift] = ()
    conflicts: Sequence[Conflict] = ()
    version: str = ""
    problem: str = ""

    @property
    def messages(self) -> list[str]:
        """The conflicts as sentences, each once."""
        return list(dict.fromkeys(conflict.message for conflict in self.conflicts))

    @property
    def tokens(self) -> list[str]:
        """The conflicts as a form sends them back: the schedule's id and the token."""
        return [f"{self.schedule.pk} {token}" for token in dict.fromkeys(one.token for one in self.conflicts)]


@dataclass(frozen=True)
class Answers:
    """The decisions of a preview: the version that was shown of each schedule, and the tokens to override."""

    versions: Mapping[int, str]
    overridden: Mapping[int, Collection[str]]


def previewed(access: Access, schedules: Sequence[Schedule], by: timedelta) -> list[MoveToMake]:
    """Return what moving would do, in about five queries a schedule. They keep nobody busy for each other."""
    due = {one.pk: movable(one) for one in schedules}
    everything = [interview.pk for interviews in due.values() for interview in interviews]
    return [_preview(access, one, due[one.pk], by, everything) for one in schedules]


def _preview(
    access: Access, schedule: Schedule, due: Sequence[Interview], by: timedelta, together: Collection[int]
) -> MoveToMake:
    if schedule.state == Schedule.State.CANCELLED or not due:
        return MoveToMake(schedule, problem=_("Nothing to move: it is cancelled or over."))
    try:
        moves = _moves(due, schedule.time_zone, by)
    except (WallClockError, OverflowError):
        return MoveToMake(schedule, problem=_("Clocks change at the new time. Move this schedule alone."))
    others = set(together) - {interview.pk for interview in due}
    found = booking.conflicts_of_moves(access=access, schedule=schedule, moves=moves, excluded=others)
    impossible = [one.message for one in found if one.severity == Severity.IMPOSSIBLE]
    zone = schedule.time_zone
    shifts = [
        Shift(
            one.interview.name,
            format_span(one.interview.starts_at, one.interview.ends_at, zone),
            format_span(one.starts_at, one.ends_at, zone),
        )
        for one in moves
    ]
    conflicts = [one for one in found if one.severity == Severity.OVERRIDABLE]
    problem = " ".join(dict.fromkeys(impossible))
    return MoveToMake(schedule, shifts, conflicts, version_of(due), problem)


def move_all(
    access: Access, schedules: Sequence[Schedule], by: timedelta, reason: GivenReason, answers: Answers
) -> Iterator[Outcome]:
    """Move each schedule; yield what came of each.

    Those that are in the way of others go first: the last ones where all move to a later time.
    """
    far = max((one.first_starts_at for one in schedules if one.first_starts_at), default=None)
    ordered = sorted(schedules, key=lambda one: (one.first_starts_at or far, one.pk), reverse=by > timedelta())
    for schedule in ordered:
        problem, number = "", 0
        try:
            number = _move(access, schedule, by, reason, answers)
        except _NotMoved as refusal:
            problem = str(refusal)
        yield Outcome(schedule.candidate.name, access.url("schedule", pk=schedule.pk), number, problem)


class _NotMoved(Exception):
    """The schedule stays. The text says why."""


def _move(access: Access, schedule: Schedule, by: timedelta, reason: GivenReason, answers: Answers) -> int:
    """Move one schedule, and return how many interviews moved."""
    overrides = dict.fromkeys(answers.overridden.get(schedule.pk, ()), "")
    try:
        moves = _moves(movable(schedule), schedule.time_zone, by)
        result = booking.reschedule(
            access=access,
            schedule=schedule,
            moves=[replace(move, overrides=overrides) for move in moves],
            reason=reason,
            version=answers.versions.get(schedule.pk, "-"),
        )
    except (WallClockError, OverflowError) as jump:
        raise _NotMoved(_("Clocks change at the new time. Move this schedule alone.")) from jump
    except booking.Cancelled as gone:
        raise _NotMoved(_("Nothing to move: it is cancelled or over.")) from gone
    except booking.ChangedSince as changed:
        raise _NotMoved(_("This changed since you opened it. Review it again.")) from changed
    except booking.Missing as missing:
        raise _NotMoved(_("Nothing is selected that is still there. Refresh the list.")) from missing
    if isinstance(result, Undecided):
        messages = [one.message for one in result.found if one.severity != Severity.HINT and one.token not in overrides]
        raise _NotMoved(" ".join(dict.fromkeys(messages)))
    return len(result.interviews)


def _moves(due: Sequence[Interview], zone: str, by: timedelta) -> list[Move]:
    """Return the moves of interviews whose wall-clock times are all shifted alike.

    Raises WallClockError where clocks skip a new time or show it twice.
    """
    moves = []
    for interview in due:
        now = to_wall_clock(interview.starts_at, zone)
        at = datetime.combine(now.day, now.time) + by
        starts_at = moment(at.date(), at.time(), zone, None)
        moves.append(Move(interview, starts_at, starts_at + (interview.ends_at - interview.starts_at)))
    return moves


def moved_in_words(number: int) -> str:
    return ngettext("%(number)d schedule moved.", "%(number)d schedules moved.", number) % {"number": number}
