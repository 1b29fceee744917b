"""Panelist's events: made once, changed, put back, deleted; and nobody else's touched."""

from __future__ import annotations

import dataclasses

import pytest

from integrations.base import Gone, Refused, Retryable, ToolError
from integrations.calendars import Answer, EventChanged, Meeting
from integrations.microsoft.calendar import MicrosoftCalendar
from integrations.microsoft.places import Place
from integrations.sandbox import Sandbox
from tests.integrations.microsoft.conftest import IVY, OUR_ID, ROOM, TOM, at, wanted

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def titles(graph: Sandbox, calendar: str = IVY) -> list[str]:
    return [entry.title for entry in graph.calendars.live(calendar)]


def test_an_event_is_made_and_found_again(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted())
    assert (made.our_id, made.starts_at, made.ends_at) == (OUR_ID, at(10), at(11))
    assert (made.answer, made.meeting_url, made.meeting_pending) == (Answer.NONE, "", False)
    assert office.fetch_event(IVY, OUR_ID) == made
    (entry,) = graph.calendars.live(IVY)
    assert (entry.title, entry.id) == ("System design with Ada", made.external_id)
    assert "Bring questions." in entry.description
    assert 'href="https://panelist.example.com/join/1"' in entry.description


def test_texts_are_no_markup(graph: Sandbox, office: MicrosoftCalendar) -> None:
    office.put_event(IVY, wanted(description="a <b> & c\nd", url=""))
    assert graph.calendars.live(IVY)[0].description == '<div id="panelist">a &lt;b&gt; &amp; c<br>d</div>'


def test_a_second_put_changes_the_same_event(graph: Sandbox, office: MicrosoftCalendar) -> None:
    first = office.put_event(IVY, wanted())
    second = office.put_event(IVY, wanted(hour=14, revision=2, title="Moved"))
    assert (second.external_id, second.starts_at) == (first.external_id, at(14))
    assert second.version != first.version
    assert titles(graph) == ["Moved"]


def test_a_put_from_an_old_state_writes_nothing(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted())
    graph.calendars.move(IVY, made.external_id, at(15), at(16))
    with pytest.raises(EventChanged):
        office.put_event(IVY, wanted(hour=12, revision=2, version=made.version))
    with pytest.raises(EventChanged):
        office.delete_event(IVY, OUR_ID, made.version)
    assert [entry.starts_at for entry in graph.calendars.live(IVY)] == [at(15)]


def test_a_move_between_look_up_and_write_is_noticed(graph: Sandbox, office: MicrosoftCalendar) -> None:
    """The vendor's own check: If-Match with the state that the request was made from."""
    made = office.put_event(IVY, wanted())
    graph.microsoft.fault("changed", operation="changeEvent")
    with pytest.raises(EventChanged):
        office.put_event(IVY, wanted(hour=12, revision=2, version=made.version))
    assert graph.calendars.live(IVY)[0].starts_at == at(10)


def test_without_a_version_whatever_is_there_is_changed(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted())
    graph.calendars.move(IVY, made.external_id, at(15), at(16))
    assert office.put_event(IVY, wanted(hour=12, revision=2)).starts_at == at(12)
    assert len(graph.calendars.live(IVY)) == 1


@pytest.mark.parametrize(("repeats", "revision"), [("error", 1), ("same", 1), ("error", 2), ("same", 2)])
def test_a_deleted_event_is_put_back(
    graph: Sandbox, office: MicrosoftCalendar, repeats: str, revision: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Graph remembers the transaction id of the deleted one, and may answer with that event as if it were there."""
    monkeypatch.setattr("integrations.microsoft.events.FRESH", at(0) - at(0))
    graph.microsoft.repeats = repeats
    made = office.put_event(IVY, wanted())
    for again in range(3):
        graph.calendars.delete(IVY, office.fetch_event(IVY, OUR_ID).external_id)  # type: ignore[union-attr]
        assert office.fetch_event(IVY, OUR_ID) is None, again
        assert office.put_event(IVY, wanted(hour=11, revision=revision)).external_id != made.external_id
        assert [entry.starts_at for entry in graph.calendars.live(IVY)] == [at(11)]


def test_a_deleted_event_is_not_made_again_from_an_old_state(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted())
    graph.calendars.delete(IVY, made.external_id)
    with pytest.raises(EventChanged):
        office.put_event(IVY, wanted(revision=2, version=made.version))
    assert titles(graph) == []


@pytest.mark.parametrize("repeats", ["error", "bare", "same"])
def test_an_event_that_is_not_listed_yet_is_no_reason_for_a_second(
    graph: Sandbox, office: MicrosoftCalendar, repeats: str
) -> None:
    """A create whose answer was lost took effect, and the look-up of the next one does not see it yet."""
    graph.microsoft.repeats = repeats
    office.put_event(IVY, wanted())
    (entry,) = graph.calendars.live(IVY)
    graph.calendars.put(dataclasses.replace(entry, extra=entry.extra | {"properties": {}}))
    if repeats == "bare":
        with pytest.raises(Retryable):
            office.put_event(IVY, wanted(hour=13))
        graph.calendars.put(entry)
    assert office.put_event(IVY, wanted(hour=13)).starts_at == at(13)
    assert [entry.starts_at for entry in graph.calendars.live(IVY)] == [at(13)]


def test_a_deleted_event_is_made_again_with_the_next_revision(graph: Sandbox, office: MicrosoftCalendar) -> None:
    """Also where Graph does not say which event a transaction id has made."""
    graph.microsoft.repeats = "bare"
    made = office.put_event(IVY, wanted())
    graph.calendars.delete(IVY, made.external_id)
    assert office.put_event(IVY, wanted(revision=2)).external_id != made.external_id
    assert len(graph.calendars.live(IVY)) == 1


def test_events_that_are_not_ours_stay(graph: Sandbox, office: MicrosoftCalendar) -> None:
    graph.calendars.add(IVY, "Dentist", at(10), at(11))
    made = office.put_event(IVY, wanted())
    (ours,) = [entry for entry in graph.calendars.live(IVY) if entry.id == made.external_id]
    copied = {**ours.extra, "transactionId": None}
    graph.calendars.add(IVY, "Copy by hand", at(12), at(13), extra=copied)
    office.put_event(IVY, wanted(hour=15, revision=2))
    office.delete_event(IVY, OUR_ID)
    office.delete_event(IVY, OUR_ID[::-1])
    assert sorted(titles(graph)) == ["Copy by hand", "Dentist"]


def test_a_copy_by_hand_is_not_ours_once_the_original_is_gone(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted())
    (ours,) = graph.calendars.live(IVY)
    graph.calendars.add(IVY, "Copy by hand", at(12), at(13), extra={**ours.extra, "transactionId": None})
    graph.calendars.delete(IVY, made.external_id)
    assert office.fetch_event(IVY, OUR_ID) is None
    office.put_event(IVY, wanted(revision=2))
    office.delete_event(IVY, OUR_ID)
    assert titles(graph) == ["Copy by hand"]


def test_a_second_event_of_ours_is_cleaned_up(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted())
    (ours,) = graph.calendars.live(IVY)
    graph.advance(5)
    twin = {**ours.extra, "transactionId": f"panelist-{OUR_ID}-7-0"}
    graph.calendars.add(IVY, "Twin", at(12), at(13), extra=twin)
    assert office.put_event(IVY, wanted(hour=15, revision=8)).external_id == made.external_id
    assert [entry.starts_at for entry in graph.calendars.live(IVY)] == [at(15)]


def test_an_event_with_our_transaction_id_alone_is_not_touched(graph: Sandbox, office: MicrosoftCalendar) -> None:
    """It lacks our mark, and the id that Graph names for the transaction is somebody else's event."""
    theirs = graph.calendars.add(IVY, "Theirs", at(10), at(11), extra={"transactionId": f"panelist-{OUR_ID}-1-0"})
    graph.calendars.change(IVY, theirs.id, extra={"transactionId": "another app's"})
    graph.calendars.add(IVY, "Also theirs", at(10), at(11), extra={"properties": {"String x Name y": OUR_ID}})
    office.put_event(IVY, wanted())
    assert sorted(titles(graph)) == ["Also theirs", "System design with Ada", "Theirs"]


def test_a_delete_of_what_is_gone_is_success(graph: Sandbox, office: MicrosoftCalendar) -> None:
    office.delete_event(IVY, OUR_ID)
    office.delete_event("nobody@example.com", OUR_ID)
    made = office.put_event(IVY, wanted())
    graph.calendars.delete(IVY, made.external_id)
    office.delete_event(IVY, OUR_ID, made.version)
    assert titles(graph) == []


def test_teams_meetings_are_made_with_the_event_and_stay(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted(meeting=Meeting.MICROSOFT_TEAMS))
    assert made.meeting_url.endswith(made.external_id)
    moved = office.put_event(IVY, wanted(meeting=Meeting.MICROSOFT_TEAMS, hour=12, revision=2, description="Other"))
    assert (moved.meeting_url, moved.starts_at) == (made.meeting_url, at(12))


def test_a_text_reaches_a_teams_event_beside_its_way_in(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted(meeting=Meeting.MICROSOFT_TEAMS, description="First <1>"))
    (entry,) = graph.calendars.live(IVY)
    graph.calendars.change(IVY, entry.id, description=f"My own note<br>{entry.description}")
    changed = office.put_event(IVY, wanted(meeting=Meeting.MICROSOFT_TEAMS, revision=2, description="Second"))
    (entry,) = graph.calendars.live(IVY)
    assert "First" not in entry.description
    assert entry.description.count("Second") == entry.description.count("My own note") == 1
    assert made.meeting_url in entry.description
    assert (changed.meeting_url, changed.external_id) == (made.meeting_url, made.external_id)


def test_a_text_without_panelists_part_stays(graph: Sandbox, office: MicrosoftCalendar) -> None:
    """Its owner wrote another one, or it was made by an earlier version."""
    made = office.put_event(IVY, wanted(meeting=Meeting.MICROSOFT_TEAMS))
    text = f'Own words <a href="{made.meeting_url}">Join</a>'
    graph.calendars.change(IVY, made.external_id, description=text)
    changed = office.put_event(IVY, wanted(meeting=Meeting.MICROSOFT_TEAMS, revision=2, title="Other"))
    (entry,) = graph.calendars.live(IVY)
    assert (entry.title, entry.description, changed.meeting_url) == ("Other", text, made.meeting_url)


def test_an_event_that_is_to_lose_its_teams_meeting_is_replaced(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted(meeting=Meeting.MICROSOFT_TEAMS, rooms=(ROOM,)))
    (entry,) = graph.calendars.live(IVY)
    graph.calendars.put(dataclasses.replace(entry, extra=entry.extra | {"people": [TOM]}))
    seen = office.fetch_event(IVY, OUR_ID)
    assert seen is not None
    other = office.put_event(IVY, wanted(revision=2, rooms=(ROOM,), version=seen.version))
    (entry,) = graph.calendars.live(IVY)
    assert (entry.id, entry.meeting_url, entry.rooms) == (other.external_id, "", (ROOM,))
    assert other.external_id != made.external_id
    assert entry.extra["people"] == [TOM]
    assert office.put_event(IVY, wanted(revision=3, rooms=(ROOM,))).external_id == other.external_id


@pytest.mark.parametrize("operation", ["createEvent", "deleteEvent", "changeEvent"])
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "error_500_after"])
def test_a_replacement_that_is_cut_short_ends_in_one_event(
    graph: Sandbox, office: MicrosoftCalendar, operation: str, fault: str
) -> None:
    office.put_event(IVY, wanted(meeting=Meeting.MICROSOFT_TEAMS, rooms=(ROOM,)))
    graph.microsoft.fault(fault, operation=operation)
    with pytest.raises(ToolError):
        office.put_event(IVY, wanted(revision=2, rooms=(ROOM,)))
    made = office.put_event(IVY, wanted(revision=2, rooms=(ROOM,)))
    (entry,) = graph.calendars.live(IVY)
    assert (entry.id, entry.meeting_url) == (made.external_id, "")


def test_a_teams_meeting_that_its_owner_added_stays(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted())
    (entry,) = graph.calendars.live(IVY)
    url = f"https://teams.example/{entry.id}"
    text = f'{entry.description}<br><a href="{url}">Join</a>'
    online = entry.extra | {"online": True}
    graph.calendars.put(dataclasses.replace(entry, meeting_url=url, description=text, extra=online))
    changed = office.put_event(IVY, wanted(revision=2, description="Other"))
    assert (changed.external_id, changed.meeting_url) == (made.external_id, url)
    assert "Other" in graph.calendars.live(IVY)[0].description


def test_teams_can_be_added_later(graph: Sandbox, office: MicrosoftCalendar) -> None:
    office.put_event(IVY, wanted())
    assert office.put_event(IVY, wanted(meeting=Meeting.MICROSOFT_TEAMS, revision=2)).meeting_url


def test_a_room_is_invited_and_swapped(graph: Sandbox, office: MicrosoftCalendar) -> None:
    office.put_event(IVY, wanted(rooms=(ROOM,)))
    assert titles(graph, ROOM) == ["System design with Ada"]
    office.put_event(IVY, wanted(revision=2))
    assert graph.calendars.live(IVY)[0].rooms == ()


def test_guests_that_the_owner_added_stay_invited(graph: Sandbox, office: MicrosoftCalendar) -> None:
    office.put_event(IVY, wanted())
    (entry,) = graph.calendars.live(IVY)
    graph.calendars.put(dataclasses.replace(entry, extra=entry.extra | {"people": [TOM]}))
    office.put_event(IVY, wanted(revision=2, rooms=(ROOM,)))
    (entry,) = graph.calendars.live(IVY)
    assert (entry.rooms, entry.extra["people"]) == ((ROOM,), [TOM])


@pytest.mark.parametrize("answer", [Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED])
def test_answers_come_back(graph: Sandbox, office: MicrosoftCalendar, answer: Answer) -> None:
    made = office.put_event(IVY, wanted())
    graph.calendars.answer(IVY, made.external_id, answer.value)
    found = office.fetch_event(IVY, OUR_ID)
    assert found is not None
    assert (found.answer, found.starts_at) == (answer, at(10))
    assert found.version != made.version


def test_another_time_is_proposed(graph: Sandbox, office: MicrosoftCalendar) -> None:
    made = office.put_event(IVY, wanted())
    graph.calendars.change(IVY, made.external_id, proposed_starts_at=at(16), proposed_ends_at=at(17))
    found = office.fetch_event(IVY, OUR_ID)
    assert found is not None
    assert (found.proposed_starts_at, found.proposed_ends_at) == (at(16), at(17))


def test_a_calendar_that_is_not_there(graph: Sandbox, office: MicrosoftCalendar) -> None:
    with pytest.raises(Gone):
        office.put_event("nobody@example.com", wanted())
    with pytest.raises(Gone):
        office.fetch_event("nobody@example.com", OUR_ID)


def test_a_closed_mailbox_is_no_reason_to_stop_the_others(graph: Sandbox, office: MicrosoftCalendar) -> None:
    graph.microsoft.closed.add(IVY)
    with pytest.raises(Refused) as caught:
        office.put_event(IVY, wanted())
    assert caught.value.code == "mailbox_denied"
    assert office.put_event(TOM, wanted()).our_id == OUR_ID


def test_a_persons_own_calendar(graph: Sandbox, ivys: MicrosoftCalendar) -> None:
    own = graph.calendars.add_calendar(IVY, "Interviews")
    made = ivys.put_event(own.id, wanted())
    assert ivys.fetch_event(own.id, OUR_ID) == made
    assert ivys.fetch_event(IVY, OUR_ID) is None
    ivys.delete_event(own.id, OUR_ID, made.version)
    assert titles(graph, own.id) == []


def test_addresses_are_written_as_odata_reads_them() -> None:
    path = Place("o'neill+x@example.com", is_app=True).marked(OUR_ID)
    address, _, query = path.partition("?")
    assert address == "/users/o%27neill%2Bx%40example.com/calendar/events"
    assert query.startswith("$filter=singleValueExtendedProperties%2FAny%28ep%3A%20ep%2Fid%20eq%20%27String%20%7B")
    assert "+" not in query
