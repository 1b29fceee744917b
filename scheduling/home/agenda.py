"""The agenda on Home: the interviews of today and the next days, with links, people, and what the reader can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.coordinators import has_job, ids_of_jobs
from organizations.access import Access
from organizations.compiled import Compiled, among
from organizations.reader_queries import ReaderQuery
from organizations.web_addresses import is_link
from scheduling.availability.calendar_times import may_see_titles
from scheduling.calendar_events.shown import AnswerMark, answer_mark, with_answers
from scheduling.coding_links.display import asks_for_link
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.home.drawn import drawn_rows
from scheduling.models import Interview, InterviewerAssignment, LinkState
from scheduling.schedules.queries import visible_interviews

# Interviews on the page; the list of schedules has all.
MOST = 100
# Once as many are shown, further days wait for a click. A day is never cut for it.
AT_FIRST = 30
# Today and the six days after it. Of these, only today and tomorrow are shown when they are empty.
DAYS = 7
# From here on a row says how many minutes are left.
COUNTDOWN = timedelta(minutes=60)
# "Join" stands in rows of the next hours; further ahead it would lead to a page that says when it opens.
JOINS_AHEAD = timedelta(hours=12)
# People whose names a row shows; the others are counted.
NAMED = 2


@dataclass(frozen=True, slots=True)
class Attendee:
    """An interviewer in a row: the name, one or two letters for the round picture, and their answer."""

    name: str
    initials: str
    answer: AnswerMark | None = None


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """An interview with its link. A coordinator reads one of another job, as `access` says, as its interviewer."""

    link_row: LinkRow
    access: Access
    people: list[Attendee]
    is_mine: bool
    now: datetime

    @property
    def interview(self) -> Interview:
        return self.link_row.interview

    @property
    def candidate(self) -> str:
        name: str = self.interview.candidate_name  # type: ignore[attr-defined]
        return name

    @property
    def job(self) -> str:
        """Its title, "" for none."""
        title: str | None = self.interview.job_title  # type: ignore[attr-defined]
        return title or ""

    @property
    def shown_people(self) -> list[Attendee]:
        return self.people if len(self.people) <= NAMED + 1 else self.people[:NAMED]

    @property
    def more_people(self) -> list[Attendee]:
        """Those whose names a row leaves out."""
        return self.people[len(self.shown_people) :]

    @property
    def is_over(self) -> bool:
        return self.interview.ends_at <= self.now

    @property
    def is_now(self) -> bool:
        return self.interview.starts_at <= self.now < self.interview.ends_at

    @property
    def left(self) -> str:
        """ "in 8 minutes" for one that begins within the hour, else empty."""
        ahead = self.interview.starts_at - self.now
        if not timedelta(0) < ahead <= COUNTDOWN:
            return ""
        minutes = -(-ahead // timedelta(minutes=1))
        return ngettext("in %(number)d minute", "in %(number)d minutes", minutes) % {"number": minutes}

    @property
    def has_badge(self) -> bool:
        """There is a link to speak of. Without one the row says only that none is needed."""
        return self.link_row.is_listed or asks_for_link(self.interview)

    @property
    def joins(self) -> bool:
        """The reader interviews today, and it is not over: "Join" leads to the coding link, or to it and the call."""
        return self._is_mine_today and self.has_badge

    @property
    def calls(self) -> bool:
        """The reader takes part in a video call today, and needs no coding link: "Join" leads to the call."""
        return self._is_mine_today and not self.has_badge and bool(self.interview.meeting)

    @property
    def _is_mine_today(self) -> bool:
        return self.is_mine and not self.is_over and self.interview.starts_at - self.now < JOINS_AHEAD

    @property
    def is_open(self) -> bool:
        """Its join link is open, or opens within the hour that the row counts down."""
        return self.is_now or bool(self.left)

    @property
    def meeting(self) -> str:
        """Typed address of the video call, for a reader who takes part and needs no coding link; else empty."""
        wanted = self._is_mine_today and not self.joins
        return self.interview.place if wanted and is_link(self.interview.place) else ""

    @property
    def copies(self) -> str:
        """The coding link, for those who hand it on; empty while nobody can open it."""
        link = self.link_row.link
        if link is None or not link.is_usable or link.state == LinkState.FINISHED or self.is_over:
            return ""
        return "" if self.is_mine or not self.access.may.open_links else link.url

    @property
    def can_add(self) -> bool:
        """The plan asks for a link that is not there, and the reader can add it here."""
        return self.link_row.is_missing and self.link_row.can_add


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """A day in the reader's zone, with its interviews in order of time. `cut`: some are left out.

    `now_before` is the place of the first row that is still to come, before which the line of now stands; None for
    other days than today. `is_dated`: its head names the day also where it stands first.
    """

    title: str
    date: date
    rows: list[AgendaRow]
    cut: bool = False
    now_before: int | None = None
    is_dated: bool = False

    @property
    def drawn(self) -> list[SafeString]:
        """The rows as they stand on the page."""
        return drawn_rows(self.rows)


@dataclass(frozen=True, slots=True)
class Agenda:
    """The days that are shown, and the words of the link to those that wait for a click; empty without any."""

    days: list[AgendaDay]
    more: str = ""


def agenda(access: Access, *, now: datetime, only_mine: bool = False, show_all: bool = False) -> Agenda:
    """Return today and the days after it that have interviews, in a constant number of queries.

    `only_mine` leaves those in which the reader interviews; interviewers have no others. Without `show_all` a busy
    organization's later days are left out.
    """
    today = timezone.localdate(now)
    begins, ends = _midnight(today), _midnight(today + timedelta(days=DAYS))
    found = (_MINE if only_mine else _ALL).all(access, begins, ends)
    of_day: dict[date, list[Interview]] = {today + timedelta(days=ahead): [] for ahead in range(2)}
    for interview in found[:MOST]:
        of_day.setdefault(timezone.localdate(interview.starts_at), []).append(interview)
    cut_at = timezone.localdate(found[MOST].starts_at) if len(found) > MOST else None
    shown = {day: own for day, own in of_day.items() if show_all or _before(of_day, day) < AT_FIRST}
    rows = iter(rows_of([one for own in shown.values() for one in own], access, now, _NAMES))
    days = [_day(day, [next(rows) for _one in own], today, cut_at, now) for day, own in shown.items()]
    return Agenda(days, _more(sum(map(len, of_day.values())) - sum(map(len, shown.values())), cut_at))


def _before(of_day: Mapping[date, Sequence[Interview]], day: date) -> int:
    """The number of interviews on earlier days."""
    return sum(len(interviews) for other, interviews in of_day.items() if other < day)


def _day(day: date, rows: list[AgendaRow], today: date, cut_at: date | None, now: datetime) -> AgendaDay:
    is_cut = cut_at is not None and day >= cut_at
    title = {today: _("Today"), today + timedelta(days=1): _("Tomorrow")}.get(day, "")
    return AgendaDay(title, day, rows, is_cut, _place_of_now(rows, now) if day == today else None)


def _more(hidden: int, cut_at: date | None) -> str:
    """The words of the link to later days. Where even those are cut, nobody knows how many there are."""
    if hidden and cut_at is not None:
        return _("Show later days")
    text = ngettext("Show %(number)d later interview", "Show %(number)d later interviews", hidden)
    return text % {"number": hidden} if hidden else ""


def _place_of_now(rows: Sequence[AgendaRow], now: datetime) -> int:
    return sum(row.interview.starts_at <= now for row in rows)


def rows_of(
    interviews: Sequence[Interview],
    access: Access,
    now: datetime,
    people: Compiled[InterviewerAssignment] | None = None,
) -> list[AgendaRow]:
    """The interviews, which are `joined`, with their links, in the given order. Reads who is `assigned` to them.

    `people` reads that, by the interviews' ids; by default all that there is of a person.
    """
    assigned: dict[int, list[InterviewerAssignment]] = {one.pk: [] for one in interviews}
    for assignment in (people or _PEOPLE).all(list(assigned)):
        assigned[assignment.interview_id].append(assignment)
    for interview in interviews:
        interview.assigned = assigned[interview.pk]
    theirs = [one for one in interviews if _has_job(access, one)]
    rows = [_row(row, access, now) for row in link_rows(theirs, access)]
    if len(theirs) < len(interviews):
        others = [one for one in interviews if not _has_job(access, one)]
        interviewing = access.as_interviewer()
        rows += [_row(row, interviewing, now) for row in link_rows(others, interviewing)]
    places = {one.pk: place for place, one in enumerate(interviews)}
    return sorted(rows, key=lambda row: places[row.interview.pk])


def _has_job(access: Access, interview: Interview) -> bool:
    """Whether the interview is of the reader's jobs. It says so itself where it was read for Home."""
    said: bool | None = getattr(interview, "is_theirs", None)
    return has_job(access, interview.schedule.job_id) if said is None else bool(said)


def _assigned(interviews: list[int]) -> QuerySet[InterviewerAssignment]:
    """The interviewers of interviews, in order of name."""
    people = InterviewerAssignment.objects.filter(among("interview_id", interviews))
    people = people.annotate(user_name=F("membership__user__name"), user_email=F("membership__user__email"))
    return with_answers(people).order_by("membership__user__search_key", "id")


def _people(interviews: list[int]) -> QuerySet[InterviewerAssignment]:
    """The interviewers with all that there is of a person."""
    return _assigned(interviews).select_related("membership__user")


def _names(interviews: list[int]) -> QuerySet[InterviewerAssignment]:
    """The interviewers with what a row on Home shows of them."""
    return _assigned(interviews).only("interview", "membership")


_PEOPLE: Final = Compiled(_people, list)
_NAMES: Final = Compiled(_names, list)


def _row(link_row: LinkRow, access: Access, now: datetime) -> AgendaRow:
    assigned = link_row.interview.assigned
    is_mine = any(assignment.membership_id == access.membership.pk for assignment in assigned)
    return AgendaRow(link_row, access, [_attendee(assignment, access) for assignment in assigned], is_mine, now)


def _attendee(assignment: Any, access: Access) -> Attendee:
    name, reads = assignment.user_name or assignment.user_email, may_see_titles(access, assignment.membership_id)
    return Attendee(name, _initials(name), answer_mark(assignment, reads_comment=reads))


def _initials(name: str) -> str:
    """The first letters of the first and the last word: "ID" for Ines Duarte."""
    words = [word for word in name.split() if word]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _interviews(access: Access, begins: datetime, ends: datetime) -> QuerySet[Interview]:
    """The reader's interviews of some days, and one more than the page shows."""
    found = _between(access, begins, ends)
    if access.is_limited:
        found = found.annotate(is_theirs=Exists(ids_of_jobs(access.membership).filter(job=OuterRef("schedule__job"))))
    return _shown(found)


def _mine(access: Access, begins: datetime, ends: datetime) -> QuerySet[Interview]:
    """Those in which the reader interviews."""
    own = InterviewerAssignment.objects.filter(membership=access.membership).values("interview")
    return _shown(_between(access, begins, ends).filter(pk__in=own))


def _shown(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    """The first interviews with what a row shows. No more is read: each has rows of six tables."""
    joined = ("schedule__job", "plan_interview__link_tool", "room__name")
    own = ("name", "place", "meeting", "position", "starts_at", "ends_at", "state", "link_tool")
    rows = _named(interviews.select_related("schedule", "plan_interview", "room")).only(*joined, *own)
    return rows.order_by("starts_at", "position", "id")[: MOST + 1]


def _named(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    """The interviews with the names that a row says: of two tables no more is read than these."""
    return interviews.annotate(candidate_name=F("schedule__candidate__name"), job_title=F("schedule__job__title"))


def _between(access: Access, begins: datetime, ends: datetime) -> QuerySet[Interview]:
    scheduled = visible_interviews(access).filter(state=Interview.State.SCHEDULED)
    return scheduled.filter(starts_at__gte=begins, starts_at__lt=ends)


_ALL: Final = ReaderQuery(_interviews, datetime, datetime)
_MINE: Final = ReaderQuery(_mine, datetime, datetime)


def joined(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    """The interviews in order of time, with what `rows_of` wants of them."""
    rows = interviews.select_related("schedule__candidate", "schedule__job", "plan_interview", "room")
    return _named(rows).order_by("starts_at", "position", "id")


def _midnight(day: date) -> datetime:
    """The first moment of a day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time()))
