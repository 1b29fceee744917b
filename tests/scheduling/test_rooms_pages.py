"""Rooms on pages: switched on by an admin, found in the builder, booked, and said wherever the interview is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.calendars import Answer, CalendarRef
from integrations.models import CalendarConnection
from jobs.models import PlanInterview, Stage
from organizations.once import FIELD, new_token
from scheduling import tasks
from scheduling.join_links.services import address
from scheduling.models import CalendarEvent, Candidate, Interview, JoinLink, MemberCalendar, Room
from tests.conftest import Team
from tests.scheduling.calendars import HOUR, Vendor, calendar_for, connect_calendars, entry
from tests.scheduling.home_steps import words_of
from tests.scheduling.loops import connect
from tests.scheduling.test_calendar_events import work
from tests.scheduling.test_plan import opened
from tests.scheduling.test_rooms import AURORA, BOREALIS, read
from tests.scheduling.test_schedules_new import ada, clock, stage, typed  # noqa: F401

pytestmark = pytest.mark.django_db

#: When the first interview of `typed` begins, 14:00 in Berlin.
BEGINS = datetime(2027, 3, 1, 13, tzinfo=UTC)


@pytest.fixture
def connection(team: Team, calendar_vendor: Vendor) -> CalendarConnection:
    made = connect_calendars(team.interviewer)
    calendar_vendor.rooms = [
        CalendarRef(AURORA, "Aurora", capacity=6, place="Building 1"),
        CalendarRef(BOREALIS, "Borealis", capacity=2),
    ]
    MemberCalendar.objects.filter(pk=calendar_for(team.interviewer, made).pk).update(is_written=True)
    tasks.find_calendars(made.pk)
    return made


@pytest.fixture
def rooms(connection: CalendarConnection) -> list[Room]:
    """Both rooms are switched on and free."""
    Room.objects.update(is_on=True)
    tasks.find_calendars(connection.pk)
    read(connection)
    return list(Room.objects.order_by("name"))


def plain(content: bytes) -> str:
    page = unescape(content.decode()).replace("\u2068", "").replace("\u2069", "")
    return " ".join(page.split())


def test_an_admin_switches_rooms_on(team: Team, connection: CalendarConnection, as_admin: Client) -> None:
    address = team.url("settings/integrations/members/rooms/")
    page = plain(as_admin.get(address).content)
    assert page.index("Aurora") < page.index("Building 1") < page.index("Borealis")
    aurora, borealis = Room.objects.order_by("name")
    sent = {"shown": [str(aurora.pk), str(borealis.pk)], "on": [str(aurora.pk)]}
    assert as_admin.post(address, sent).status_code == 302
    assert list(Room.objects.filter(is_on=True)) == [aurora]
    assert "1 room can be booked." in plain(as_admin.get(address).content)
    assert "Its calendar is being read." in plain(as_admin.get(address).content)


def test_the_page_of_rooms_is_for_admins(team: Team, as_outsider: Client) -> None:
    address = team.url("settings/integrations/members/rooms/")
    assert team.client(team.recruiter).get(address).status_code == 403
    assert as_outsider.get(address).status_code == 404
    assert "Connect everyone's calendars first." in plain(team.client(team.admin).get(address).content)


def test_a_foreign_room_is_neither_switched_nor_chosen(
    team: Team,
    other_team: Team,
    rooms: list[Room],
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    theirs = Room.objects.create(
        organization=other_team.organization, connection=connect_calendars(other_team.interviewer),
        external_id="x", name="Theirs", is_on=True,
    )  # fmt: skip
    sent = {"shown": [str(theirs.pk)], "on": []}
    team.client(team.admin).post(team.url("settings/integrations/members/rooms/"), sent)
    assert Room.objects.get(pk=theirs.pk).is_on
    form = typed(stage, str(ada.pk)) | {"rows-0-room": str(theirs.pk), FIELD: new_token()}
    answer = as_recruiter.post(team.url("schedules/new/"), form)
    assert answer.status_code == 422 and not Interview.objects.exists()
    assert "This room can't be booked any more. Choose another." in plain(answer.content)


def found(client: Client, team: Team, form: dict[str, Any], words: str = "") -> str:
    more = {"part": "rooms", "row": "0", "rows-0-find-room": words}
    return plain(client.post(team.url("schedules/new/"), form | more).content)


def test_the_builder_finds_free_rooms_first_and_says_until_when_others_are_taken(
    team: Team,
    connection: CalendarConnection,
    calendar_vendor: Vendor,
    rooms: list[Room],
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    calendar_vendor.book(AURORA).put(entry(BEGINS, hours=1.5, title="Board meeting"))
    read(connection)
    page = found(as_recruiter, team, typed(stage, str(ada.pk)))
    assert page.index("Borealis") < page.index("Aurora")
    assert "busy until 15:30" in page and "Board meeting" not in page
    assert "2 seats" in page and "6 seats" in page
    assert "Borealis" not in found(as_recruiter, team, typed(stage, str(ada.pk)), "building aur")
    assert "No rooms match" in found(as_recruiter, team, typed(stage, str(ada.pk)), "zzz")


def saved(client: Client, team: Team, form: dict[str, Any]) -> Interview:
    answer = client.post(team.url("schedules/new/"), form | {FIELD: new_token()})
    assert answer.status_code == 302, plain(answer.content)
    return Interview.objects.order_by("starts_at")[0]


def test_an_interview_in_a_room_says_so_everywhere(
    team: Team,
    connection: CalendarConnection,
    calendar_vendor: Vendor,
    rooms: list[Room],
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    connect(team)
    aurora, borealis = rooms
    form = typed(stage, str(ada.pk), **{"rows-0-room": str(aurora.pk), "rows-0-interviewers": str(team.interviewer.pk)})
    interview = saved(as_recruiter, team, form)
    assert interview.room == aurora
    work()
    assert CalendarEvent.objects.get().room_address == AURORA
    page = plain(as_recruiter.get(team.url(f"schedules/{interview.schedule_id}/")).content)
    assert "Aurora, Building 1" in page and "Not reserved in the room's calendar" not in page
    message = interview.schedule.messages.get(audience="candidate")
    preview = plain(as_recruiter.get(team.url(f"messages/{message.pk}/")).content)
    assert "Aurora, Building 1" in preview
    assert "Aurora, Building 1" in plain(as_recruiter.get(team.url(f"interviews/{interview.pk}/card/")).content)
    link = JoinLink.objects.filter(interview=interview, membership=None).first()
    if link is not None:
        path = address(link).partition("/join/")[2]
        assert "Aurora, Building 1" in plain(Client().get(f"/join/{path}").content)
    # Another room by "Edit plan", and nothing is lost.
    sent = opened(as_recruiter, team, interview.schedule)
    assert sent["rows-0-room"] in (str(aurora.pk), [str(aurora.pk)])
    sent |= {"rows-0-room": str(borealis.pk), "reason": "The candidate asked for it", FIELD: new_token()}
    answer = as_recruiter.post(team.url(f"schedules/{interview.schedule_id}/plan/"), sent)
    assert answer.status_code == 302, plain(answer.content)
    interview.refresh_from_db()
    assert interview.room == borealis
    history = plain(as_recruiter.get(team.url(f"schedules/{interview.schedule_id}/history/")).content)
    assert "Room" in history and "Borealis" in history


def test_the_same_room_twice_is_a_conflict(
    team: Team,
    rooms: list[Room],
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    form = typed(stage, str(ada.pk), **{"rows-0-room": str(rooms[0].pk)})
    saved(as_recruiter, team, form)
    ben = Candidate.objects.create(organization=team.organization, name="Ben", email="ben@example.com")
    form = typed(stage, str(ben.pk), **{"rows-0-room": str(rooms[0].pk)}) | {FIELD: new_token()}
    answer = as_recruiter.post(team.url("schedules/new/"), form)
    assert answer.status_code == 422 and "Aurora is taken: “" in plain(answer.content)


def test_a_plan_that_wants_a_room_has_a_free_one_proposed(
    team: Team,
    connection: CalendarConnection,
    calendar_vendor: Vendor,
    rooms: list[Room],
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    PlanInterview.objects.filter(plan=stage.plan).update(needs_room=True)
    calendar_vendor.book(BOREALIS).put(entry(BEGINS, title="Board meeting"))
    read(connection)
    page = plain(as_recruiter.post(team.url("schedules/new/"), typed(stage, str(ada.pk)) | {"part": "form"}).content)
    assert "Use <bdi>Aurora</bdi> (free)" in page and "Use <bdi>Borealis</bdi> (free)" in page
    pressed = typed(stage, str(ada.pk)) | {"part": "form", "do": f"room:0:{rooms[0].pk}"}
    page = plain(as_recruiter.post(team.url("schedules/new/"), pressed).content)
    assert f'name="rows-0-room" value="{rooms[0].pk}"' in page


def test_home_says_that_no_calendar_can_reserve_a_room(
    team: Team,
    rooms: list[Room],
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    words = "Aurora isn't reserved for “"
    people = {"rows-0-room": str(rooms[0].pk), "rows-0-interviewers": str(team.recruiter.pk)}
    interview = saved(as_recruiter, team, typed(stage, str(ada.pk), **people))
    said = words_of(as_recruiter, team)
    assert f"{words}{interview.name}”" in said and "No interviewer's calendar can reserve it." in said
    page = plain(as_recruiter.get(team.url(f"schedules/{interview.schedule_id}/")).content)
    assert "Not reserved in the room's calendar" in page
    interview.assignments.update(membership=team.interviewer)
    tasks.follow_calendars(team.organization.pk)
    assert words not in words_of(as_recruiter, team), "a worker will"
    work()
    assert words not in words_of(as_recruiter, team)
    CalendarEvent.objects.update(state="failed")
    assert words in words_of(as_recruiter, team), "it could not be written"


def test_home_says_that_a_room_declined_or_is_gone(
    team: Team,
    rooms: list[Room],
    stage: Stage,  # noqa: F811
    ada: Candidate,  # noqa: F811
    as_recruiter: Client,
) -> None:
    form = typed(
        stage, str(ada.pk), **{"rows-0-room": str(rooms[0].pk), "rows-0-interviewers": str(team.interviewer.pk)}
    )
    interview = saved(as_recruiter, team, form)
    work()
    CalendarEvent.objects.update(room_answer=Answer.DECLINED)
    name = interview.name
    words = words_of(as_recruiter, team)
    assert f"Aurora declined “{name}”" in words and "Find another room" in words
    page = plain(as_recruiter.get(team.url(f"schedules/{interview.schedule_id}/")).content)
    assert "The room declined" in page
    CalendarEvent.objects.update(room_answer=Answer.ACCEPTED)
    Room.objects.filter(pk=rooms[0].pk).update(missing_since=timezone.now())
    assert f"Aurora can't be booked for “{name}” any more" in words_of(as_recruiter, team)
    page = plain(as_recruiter.get(team.url(f"interviews/{interview.pk}/edit/")).content)
    assert "Aurora" in page, "the form keeps what is there"
    Room.objects.update(missing_since=None)
    Interview.objects.filter(pk=interview.pk).update(room=None)
    other = Interview.objects.exclude(pk=interview.pk)[0]
    Interview.objects.filter(pk__in=[interview.pk, other.pk]).update(
        room=rooms[0], starts_at=BEGINS, ends_at=BEGINS + HOUR
    )
    assert "Aurora is booked twice at the same time" in words_of(as_recruiter, team)
