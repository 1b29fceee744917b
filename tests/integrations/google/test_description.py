"""The client's requests, and the stand-in's answers, are as Google's own description of the API says."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from integrations.calendars import Meeting
from integrations.google.addresses import PERSON_SCOPES, SCOPE_ROOMS, WORKSPACE_SCOPES
from integrations.google.calendar import PersonCalendar, WorkspaceCalendar
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Kind
from integrations.sandbox.gateway import Answer
from integrations.sandbox.server import Request
from tests.integrations.google.conftest import BERLIN, IVY, OUR_ID, ROOM, WINDOW, at, event
from tests.integrations.google.description import DESCRIPTION, method_of, problems, problems_of_query

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

API = "/google/calendar/v3/"
Traffic = list[tuple[Request, Answer]]


@pytest.fixture
def traffic(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Traffic:
    """Every request to the calendar API, with its answer."""
    seen: Traffic = []
    handle: Callable[[Request], Answer] = sandbox.google.handle

    def noted(request: Request) -> Answer:
        answer = handle(request)
        if request.path.startswith(API):
            seen.append((request, answer))
        return answer

    monkeypatch.setattr(sandbox.google, "handle", noted)
    return seen


def wrong(request: Request, answer: Answer) -> list[str]:
    """Everything in one exchange that the description does not know."""
    name, method = method_of(request.method, request.path.removeprefix(API))
    found = problems_of_query(method, request.query)
    body = json.loads(request.body) if request.body else None
    if ("request" in method) != (body is not None):
        found.append("a body where there is none, or none where there is one")
    elif body is not None:
        found += problems(body, method["request"], "body")
    if answer.status >= 400:
        return found
    told = json.loads(answer.body) if answer.body else None
    if ("response" in method) != (told is not None):
        found.append("an answer where there is none, or none where there is one")
    elif told is not None:
        found += problems(told, method["response"], "answer")
    return [f"{name}: {each}" for each in found]


def live_a_little(sandbox: Sandbox, own: PersonCalendar, workspace: WorkspaceCalendar) -> None:
    """Every call of the contract, over entries of every kind."""
    world = sandbox.calendars
    series = world.add(IVY, "Standup", at(4), at(4, 9.25), rule="FREQ=DAILY;COUNT=5", description="Daily")
    world.add(IVY, "Away", at(11, -1), at(12, -1), is_all_day=True, kind=Kind.OUT_OF_OFFICE)
    world.add(IVY, "Private", at(6), at(6, 10), is_private=True, is_tentative=True, is_free=True, location="Home")
    sandbox.google.meetings_pending = 1
    made = workspace.put_event(IVY, event(meeting=Meeting.GOOGLE_MEET, rooms=(ROOM,)))
    workspace.fetch_event(IVY, OUR_ID)
    world.decline(IVY, OUR_ID, comment="On leave")
    token = own.changes(IVY, WINDOW, BERLIN).token
    own.put_event(IVY, event(revision=2))
    world.move(IVY, own.changes(IVY, WINDOW, BERLIN).occurrences[0].id, at(4, 15), at(4, 16))
    own.changes(IVY, WINDOW, BERLIN, token)
    own.busy([IVY, ROOM, "nobody@example.com"], WINDOW, BERLIN)
    watch = own.watch(IVY, id="w-1", token="secret", address="https://panelist.example.com/notices/")
    own.stop_watch(IVY, watch)
    own.check()
    workspace.check()
    workspace.delete_event(IVY, OUR_ID)
    world.delete(IVY, series.id)
    own.changes(IVY, WINDOW, BERLIN, token)
    assert made.meeting_pending


def test_requests_and_answers_are_as_described(
    sandbox: Sandbox, own: PersonCalendar, workspace: WorkspaceCalendar, traffic: Traffic
) -> None:
    live_a_little(sandbox, own, workspace)
    assert [problem for request, answer in traffic for problem in wrong(request, answer)] == []
    called = {method_of(request.method, request.path.removeprefix(API))[0] for request, _answer in traffic}
    assert called == set(DESCRIPTION["methods"]) - {"events.update"}


def test_the_scopes_let_every_call_through() -> None:
    for scopes in (PERSON_SCOPES, set(WORKSPACE_SCOPES) - {SCOPE_ROOMS}):
        for name, method in DESCRIPTION["methods"].items():
            if name != "calendarList.list" or scopes is PERSON_SCOPES:
                assert set(method["scopes"]) & set(scopes), name


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"summary": 1}, ["e.summary is no string"]),
        ({"start": {"dateTime": "2027-01-05T10:00:00"}}, ["e.start.dateTime is no date-time"]),
        ({"start": {"date": "5 January"}}, ["e.start.date is no date"]),
        ({"name": "x"}, ["unknown member e.name"]),
        ({"attendees": [{"emial": "x"}]}, ["unknown member e.attendees[].emial"]),
        ({"extendedProperties": {"private": {"a": "b"}}}, []),
    ],
)
def test_the_comparison_sees_what_is_wrong(value: dict[str, object], wanted: list[str]) -> None:
    assert problems(value, {"$ref": "Event"}, "e") == wanted
    assert problems_of_query(DESCRIPTION["methods"]["events.list"], "maxResults=0&nothing=1") == [
        "maxResults is 0",
        "unknown parameter nothing",
    ]
