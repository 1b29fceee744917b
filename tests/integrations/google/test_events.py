"""Panelist's events: one for each id, changed and revived in place, and no other event is ever touched."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from integrations.base import CredentialsRejected, Gone, Refused
from integrations.calendars import Answer, EventChanged, Meeting
from integrations.google.calendar import PersonCalendar, WorkspaceCalendar
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Access
from tests.integrations.google.conftest import BOB, IVY, OUR_ID, ROOM, at, event

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_an_event_is_made_as_it_was_asked_for(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    made = workspace.put_event(IVY, event(rooms=(ROOM,)))
    (entry,) = sandbox.calendars.live(IVY)
    assert (entry.title, entry.description, entry.location) == ("Interview: Backend", "With Ada", "Room 1")
    assert (entry.starts_at, entry.ends_at, entry.zone) == (at(5, 10), at(5, 11), "Europe/Berlin")
    assert (made.our_id, made.external_id, made.answer) == (OUR_ID, OUR_ID, Answer.NONE)
    assert (made.starts_at, made.ends_at) == (at(5, 10), at(5, 11))
    assert [room.id for room in sandbox.calendars.live(ROOM)] == [OUR_ID]
    assert entry.extra["source"] == {"title": "Panelist", "url": "https://panelist.example.com/1/"}
    assert "sendUpdates" not in str(entry.extra)


def test_asking_twice_makes_one_event(sandbox: Sandbox, own: PersonCalendar) -> None:
    first = own.put_event(IVY, event())
    again = own.put_event(IVY, event(title="Interview: Frontend", revision=2))
    (entry,) = sandbox.calendars.live(IVY)
    assert entry.title == "Interview: Frontend"
    assert first.version != again.version
    assert [each.operation for each in sandbox.google.log.records() if each.operation.startswith("events")] == [
        "events.insert",
        "events.insert",
        "events.get",
        "events.patch",
    ]


def test_an_answer_and_what_people_added_survive_a_change(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    workspace.put_event(IVY, event())
    sandbox.calendars.answer(IVY, OUR_ID, "tentative", comment="Maybe late")
    entry = sandbox.calendars.entry(IVY, OUR_ID)
    guests = [*entry.extra["attendees"], {"email": "guest@example.org"}]
    sandbox.calendars.change(IVY, OUR_ID, extra={**entry.extra, "attendees": guests, "colorId": "5"})
    found = workspace.put_event(IVY, event(title="Other", revision=2))
    assert (found.answer, found.comment) == (Answer.TENTATIVE, "Maybe late")
    (entry,) = sandbox.calendars.live(IVY)
    assert entry.title == "Other"
    assert entry.extra["colorId"] == "5"
    assert [each["email"] for each in entry.extra["attendees"]] == [IVY, "guest@example.org"]


def test_an_answer_is_asked_for_anew_at_another_time(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    workspace.put_event(IVY, event())
    sandbox.calendars.decline(IVY, OUR_ID, comment="On leave")
    entry = sandbox.calendars.entry(IVY, OUR_ID)
    guest = {"email": "guest@example.org", "responseStatus": "accepted"}
    sandbox.calendars.change(IVY, OUR_ID, extra={**entry.extra, "attendees": [*entry.extra["attendees"], guest]})
    found = workspace.put_event(IVY, event(starts_at=at(6, 10), ends_at=at(6, 11), revision=2))
    assert (found.answer, found.comment) == (Answer.NONE, "")
    assert sandbox.calendars.entry(IVY, OUR_ID).extra["attendees"][1] == guest


def test_a_room_is_given_back_when_it_is_not_asked_for_any_more(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    workspace.put_event(IVY, event(rooms=(ROOM,)))
    workspace.put_event(IVY, event(revision=2))
    assert sandbox.calendars.live(ROOM) == []
    assert len(sandbox.calendars.live(IVY)) == 1


def test_a_change_from_an_older_state_writes_nothing(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    made = workspace.put_event(IVY, event())
    sandbox.calendars.move(IVY, OUR_ID, at(7, 9), at(7, 10))
    with pytest.raises(EventChanged):
        workspace.put_event(IVY, event(title="Other", version=made.version))
    with pytest.raises(EventChanged):
        workspace.delete_event(IVY, OUR_ID, made.version)
    (entry,) = sandbox.calendars.live(IVY)
    assert (entry.title, entry.starts_at) == ("Interview: Backend", at(7, 9))
    now = workspace.fetch_event(IVY, OUR_ID)
    assert now is not None
    changed = workspace.put_event(IVY, event(title="Other", version=now.version))
    assert sandbox.calendars.live(IVY)[0].title == "Other"
    workspace.delete_event(IVY, OUR_ID, changed.version)
    assert sandbox.calendars.live(IVY) == []


def test_a_deleted_event_is_revived_only_where_the_request_knows(
    sandbox: Sandbox, workspace: WorkspaceCalendar
) -> None:
    made = workspace.put_event(IVY, event())
    sandbox.calendars.decline(IVY, OUR_ID)
    sandbox.calendars.delete(IVY, OUR_ID)
    assert workspace.fetch_event(IVY, OUR_ID) is None
    with pytest.raises(EventChanged):
        workspace.put_event(IVY, event(version=made.version))
    assert sandbox.calendars.live(IVY) == []
    back = workspace.put_event(IVY, event())
    assert back.answer is Answer.NONE, "a revived event is asked about anew"
    assert [each.id for each in sandbox.calendars.live(IVY)] == [OUR_ID]


def test_another_event_with_the_id_is_left_alone(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    theirs = sandbox.calendars.add(IVY, "Dentist", at(8), at(8, 10), id=OUR_ID)
    with pytest.raises(Refused) as refused:
        workspace.put_event(IVY, event())
    assert refused.value.code == "not_ours"
    workspace.delete_event(IVY, OUR_ID)
    assert workspace.fetch_event(IVY, OUR_ID) is None
    assert sandbox.calendars.entry(IVY, OUR_ID) == theirs


def test_a_copy_of_an_event_is_not_ours(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    workspace.put_event(IVY, event())
    entry = sandbox.calendars.entry(IVY, OUR_ID)
    sandbox.calendars.put(dataclasses.replace(entry, id="copied"))
    assert workspace.fetch_event(IVY, "copied") is None
    workspace.delete_event(IVY, "copied")
    assert {each.id for each in sandbox.calendars.live(IVY)} == {OUR_ID, "copied"}


def test_deleting_twice_is_success(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    workspace.put_event(IVY, event())
    workspace.delete_event(IVY, OUR_ID)
    workspace.delete_event(IVY, OUR_ID)
    workspace.delete_event(IVY, "f" * 32)
    assert sandbox.calendars.live(IVY) == []


def test_what_the_owner_did_is_told(sandbox: Sandbox, own: PersonCalendar) -> None:
    own.put_event(IVY, event())
    sandbox.calendars.decline(IVY, OUR_ID, comment="On leave")
    sandbox.calendars.move(IVY, OUR_ID, at(9, 9), at(9, 10))
    found = own.fetch_event(IVY, OUR_ID)
    assert found is not None
    assert (found.answer, found.comment, found.starts_at) == (Answer.DECLINED, "On leave", at(9, 9))


def test_a_meeting_is_made_once_and_taken_away(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    sandbox.google.meetings_pending = 1
    made = workspace.put_event(IVY, event(meeting=Meeting.GOOGLE_MEET))
    assert (made.meeting_url, made.meeting_pending) == ("", True)
    first = workspace.fetch_event(IVY, OUR_ID)
    assert first is not None
    assert first.meeting_url.startswith(f"{sandbox.url}/meet/")
    assert not first.meeting_pending
    moved = workspace.put_event(IVY, event(meeting=Meeting.GOOGLE_MEET, revision=2, starts_at=at(5, 9)))
    assert moved.meeting_url == first.meeting_url, "a meeting survives a move"
    gone = workspace.put_event(IVY, event(revision=3))
    assert (gone.meeting_url, gone.meeting_pending) == ("", False)


def test_a_meeting_that_somebody_added_stays(sandbox: Sandbox, workspace: WorkspaceCalendar) -> None:
    workspace.put_event(IVY, event())
    entry = sandbox.calendars.entry(IVY, OUR_ID)
    video = {"entryPoints": [{"entryPointType": "video", "uri": "https://meet.google.com/abc-defg-hij"}]}
    sandbox.calendars.change(IVY, OUR_ID, extra={**entry.extra, "conferenceData": video})
    assert workspace.put_event(IVY, event(revision=2)).meeting_url == "https://meet.google.com/abc-defg-hij"


def test_a_calendar_that_is_gone_says_so(sandbox: Sandbox, own: PersonCalendar) -> None:
    asks: list[Callable[[], object]] = [
        lambda: own.put_event(BOB, event()),
        lambda: own.fetch_event(BOB, OUR_ID),
        lambda: own.delete_event(BOB, OUR_ID),
    ]
    for ask in asks:
        with pytest.raises(Gone) as gone:
            ask()
        assert gone.value.code == "calendar_gone"
    sandbox.calendars.set_access(IVY, Access.READ)
    with pytest.raises(Refused) as refused:
        own.put_event(IVY, event())
    assert refused.value.code == "forbidden"


def test_rejected_credentials_say_connect_again(sandbox: Sandbox, own: PersonCalendar) -> None:
    own.put_event(IVY, event())
    sandbox.google.revoke(IVY)
    with pytest.raises(CredentialsRejected) as rejected:
        own.put_event(IVY, event())
    assert rejected.value.code == "reconnect"
