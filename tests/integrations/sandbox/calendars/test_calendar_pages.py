"""The pages on which a person moves, answers, deletes and adds entries by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Answer
from tests.integrations.sandbox.conftest import Caller
from tests.integrations.sandbox.test_pages import follow

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

IVY = "ivy@example.com"
PAGE = f"/calendars/{IVY}"


@pytest.fixture
def noon(sandbox: Sandbox) -> datetime:
    """Noon of today, in UTC; Ivy's calendar is there."""
    sandbox.calendars.add_person(IVY, "Ivy Lang")
    return sandbox.calendars.now().replace(hour=12, minute=0, second=0, microsecond=0)


def typed(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def test_a_person_is_added_with_believable_weeks(sandbox: Sandbox, caller: Caller) -> None:
    html = follow(caller, "/calendars", address="ann@example.com", name="Ann", zone="Europe/Paris")
    assert 'href="/calendars/ann%40example.com"' in html
    assert "Standup" in caller.get("/calendars/ann%40example.com").html
    assert len(sandbox.calendars.live("ann@example.com")) > 20
    follow(caller, "/calendars", address="hall@example.com", is_room="yes")
    assert sandbox.calendars.live("hall@example.com") == []
    assert [room.address for room in sandbox.calendars.rooms()] == ["hall@example.com"]


def test_an_entry_is_added_moved_answered_and_deleted(sandbox: Sandbox, caller: Caller, noon: datetime) -> None:
    times = {"starts_at": typed(noon), "ends_at": typed(noon + timedelta(hours=1))}
    assert "Dentist" in follow(caller, f"{PAGE}/0", title="Dentist", **times)
    (entry,) = sandbox.calendars.live(IVY)
    assert (entry.starts_at, entry.made_by) == (noon, "")
    moved = {"starts_at": typed(noon + timedelta(hours=2)), "ends_at": typed(noon + timedelta(hours=3))}
    html = follow(caller, f"{PAGE}/0/{entry.id}", answer="declined", comment="On leave", **moved)
    assert 'value="On leave"' in html
    (entry,) = sandbox.calendars.live(IVY)
    assert (entry.starts_at, entry.answer, entry.comment) == (noon + timedelta(hours=2), Answer.DECLINED, "On leave")
    assert "Dentist" not in follow(caller, f"{PAGE}/0/{entry.id}", delete="yes")
    assert sandbox.calendars.live(IVY) == []


def test_one_occurrence_of_a_series_is_moved(sandbox: Sandbox, caller: Caller, noon: datetime) -> None:
    sandbox.calendars.add(IVY, "Standup", noon, noon + timedelta(hours=1), rule="FREQ=WEEKLY;COUNT=2")
    assert caller.get(f"{PAGE}/1").html.count("<strong>Standup</strong>") == 1
    second = sandbox.calendars.occurrences(IVY, noon + timedelta(days=1), noon + timedelta(days=20))[0]
    later = noon + timedelta(days=7, hours=3)
    times = {"starts_at": typed(later), "ends_at": typed(later + timedelta(hours=1)), "answer": "accepted"}
    follow(caller, f"{PAGE}/1/{second.id}", **times)
    found = sandbox.calendars.occurrences(IVY, noon, noon + timedelta(days=20))
    assert [each.starts_at for each in found] == [noon, later]


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/calendars", {"address": "nobody"}, "Enter an e-mail address."),
        ("/calendars", {"address": "a@example.com", "zone": "Mars/Base"}, "Enter a time zone such as Europe/Berlin."),
        (f"{PAGE}/0", {"title": "x"}, "Enter a start and an end."),
        (
            f"{PAGE}/0",
            {"starts_at": "2027-01-05T10:00", "ends_at": "2027-01-05T09:00"},
            "The end must be after the start.",
        ),
        ("/controls/calendar-faults", {"fault": "gone", "operation": "nobody any"}, "Unknown vendor."),
        ("/controls/calendar-faults", {"fault": "nothing", "operation": "google any"}, "Check the numbers"),
    ],
)
def test_a_wrong_form_is_shown_again_with_its_problem(
    caller: Caller, noon: datetime, path: str, form: dict[str, str], said: str
) -> None:
    reply = caller.post(path, form)
    assert reply.status == 400
    assert said in reply.html
    assert noon.tzinfo is UTC


def test_another_time_is_proposed_and_taken_back(sandbox: Sandbox, caller: Caller, noon: datetime) -> None:
    # As Graph names events: with a hyphen.
    entry = sandbox.calendars.add(IVY, "Coding", noon, noon + timedelta(hours=1), id="AAMk-1_x", made_by="app")
    times = {"starts_at": typed(noon + timedelta(hours=2)), "ends_at": typed(noon + timedelta(hours=3))}
    html = follow(caller, f"{PAGE}/0/{entry.id}", answer="none", propose="yes", **times)
    assert f"Proposes {noon:%a %d %b}, 14:00–15:00" in html
    (entry,) = sandbox.calendars.live(IVY)
    assert (entry.starts_at, entry.answer) == (noon, Answer.TENTATIVE)
    assert (entry.proposed_starts_at, entry.proposed_ends_at) == (
        noon + timedelta(hours=2),
        noon + timedelta(hours=3),
    )
    times = {"starts_at": typed(noon), "ends_at": typed(noon + timedelta(hours=1))}
    assert "Proposes" not in follow(caller, f"{PAGE}/0/{entry.id}", answer="accepted", **times)


def test_a_calls_address_leads_to_a_page_that_says_whose_it_is(
    sandbox: Sandbox, caller: Caller, noon: datetime
) -> None:
    for product, name in (("meet", "Google Meet"), ("teams", "Microsoft Teams")):
        url = f"{sandbox.url}/{product}/abc-defg-hij"
        entry = sandbox.calendars.add(IVY, "Coding", noon, noon + timedelta(hours=1), meeting_url=url)
        assert f'href="{url}"' in caller.get(f"{PAGE}/0").html
        html = caller.get(f"/{product}/abc-defg-hij").html
        assert f"With a real account, {name} would open here." in html
        assert "Coding" in html and "Ivy Lang" in html
        sandbox.calendars.delete(IVY, entry.id)
        gone = caller.get(f"/{product}/abc-defg-hij")
        assert gone.status == 404
        assert "It ended with its event." in gone.html


def test_calls_are_made_later_or_never(sandbox: Sandbox, caller: Caller) -> None:
    for calls, pending, made in (("after_a_while", 5, True), ("never", 0, False), ("at_once", 0, True)):
        html = follow(caller, "/controls/calls", calls=calls)
        assert f'<option value="{calls}" selected>' in html
        assert sandbox.google.meetings_pending == sandbox.microsoft.meetings_pending == pending
        assert sandbox.microsoft.makes_meetings is made
        assert (sandbox.google.meetings == "made") is made
    assert caller.post("/controls/calls", {"calls": "x"}).status == 400


def test_what_is_not_there_is_not_found(caller: Caller, noon: datetime) -> None:
    times = {"starts_at": typed(noon), "ends_at": typed(noon + timedelta(hours=1)), "answer": "none"}
    assert caller.get("/calendars/nobody@example.com").status == 404
    assert caller.get(f"{PAGE}/1000").status == 404
    assert caller.post(f"{PAGE}/0/nothing", times).status == 404


def test_a_fault_of_a_vendor_is_added_and_cleared(sandbox: Sandbox, caller: Caller) -> None:
    html = follow(caller, "/controls/calendar-faults", fault="gone", operation="google events.list", times="3")
    assert re.search(r"<td>HTTP 410, nothing done</td>\s*<td>Events.list</td>", html)
    assert [(rule.fault.value, rule.times) for rule in sandbox.google.faults.rules()] == [("gone", 3)]
    follow(caller, "/controls/clear")
    assert sandbox.google.faults.rules() == []
