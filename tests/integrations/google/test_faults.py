"""Each fault in each call: one right event or the right error, no foreign event touched, no failed read as free."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest
from pytest_django import Settings

from integrations.base import CredentialsRejected, OutcomeUnknown, Refused, Retryable, ToolError
from integrations.calendars import EventChanged, TokenExpired
from integrations.google.calendar import PersonCalendar
from integrations.google.vendor import person_calendar
from integrations.sandbox import Sandbox
from integrations.sandbox.calendars import Entry
from integrations.sandbox.calendars.faults import CalendarFault as Fault
from integrations.sandbox.faults import Acts
from tests.integrations.google.conftest import BERLIN, IVY, OUR_ID, WINDOW, at, event

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

READ_FAULTS = {
    **dict.fromkeys((Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.ERROR_500_BEFORE, Fault.ERROR_500_AFTER), Retryable),
    **dict.fromkeys(
        (Fault.UNAVAILABLE, Fault.QUOTA, Fault.RATE_LIMITED_RETRY_AFTER, Fault.RATE_LIMITED_BARE), Retryable
    ),
    **dict.fromkeys((Fault.CUT_JSON_AFTER, Fault.GARBAGE_AFTER, Fault.EMPTY_BODY_AFTER, Fault.CHANGED), Retryable),
    **dict.fromkeys((Fault.SILENCE_BEFORE, Fault.SILENCE_AFTER), Retryable),
    Fault.UNAUTHORIZED: CredentialsRejected,
    Fault.FORBIDDEN: CredentialsRejected,
    Fault.CALENDAR_MISSING: Refused,
}
LIMITED = (Fault.QUOTA, Fault.RATE_LIMITED_RETRY_AFTER, Fault.RATE_LIMITED_BARE)


@pytest.fixture
def foreign(sandbox: Sandbox) -> Entry:
    """An entry that is not Panelist's, and that nothing may touch."""
    return sandbox.calendars.add(IVY, "Dentist", at(6), at(6, 10))


@pytest.fixture(autouse=True)
def impatient(sandbox: Sandbox, settings: Settings) -> None:
    settings.CALENDAR_TIMEOUT = 0.5
    sandbox.configure(hold=0.8)


@pytest.fixture
def google(impatient: None, sandbox: Sandbox) -> PersonCalendar:
    return person_calendar({"refresh_token": sandbox.google.consent_of(IVY)})


def spoil(sandbox: Sandbox, fault: Fault, operation: str) -> None:
    """The fault in the next call of an operation; a token that is not accepted is refused twice."""
    sandbox.google.fault(fault, operation=operation, times=2 if fault is Fault.UNAUTHORIZED else 1, retry_after=7)


def outcome(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except ToolError as problem:
        return problem


def check_limits(problem: object, fault: Fault) -> None:
    if fault in LIMITED:
        assert isinstance(problem, Retryable)
        assert problem.rate_limited
        assert problem.retry_after == {Fault.QUOTA: 600, Fault.RATE_LIMITED_RETRY_AFTER: 7}.get(fault)


@pytest.mark.parametrize("fault", Fault)
def test_a_whole_list(sandbox: Sandbox, google: PersonCalendar, foreign: Entry, fault: Fault) -> None:
    spoil(sandbox, fault, "events.list")
    found = outcome(lambda: google.changes(IVY, WINDOW, BERLIN))
    if fault is Fault.DUPLICATES:
        assert not isinstance(found, ToolError)
    else:
        assert isinstance(found, READ_FAULTS.get(fault, Retryable)), (fault, found)
        assert not isinstance(found, TokenExpired)
        check_limits(found, fault)
    again = google.changes(IVY, WINDOW, BERLIN)
    assert [each.title for each in again.occurrences] == ["Dentist"]
    assert sandbox.google.faults.fired


@pytest.mark.parametrize("fault", Fault)
def test_changes_since_a_token(sandbox: Sandbox, google: PersonCalendar, foreign: Entry, fault: Fault) -> None:
    token = google.changes(IVY, WINDOW, BERLIN).token
    sandbox.calendars.move(IVY, foreign.id, at(7), at(7, 10))
    sandbox.calendars.add(IVY, "New", at(8), at(8, 10))
    spoil(sandbox, fault, "events.list")
    found = outcome(lambda: google.changes(IVY, WINDOW, BERLIN, token))
    if fault is not Fault.DUPLICATES:
        expected = TokenExpired if fault is Fault.GONE else READ_FAULTS.get(fault, Retryable)
        assert isinstance(found, expected), (fault, found)
        check_limits(found, fault)
    again = google.changes(IVY, WINDOW, BERLIN, token)
    assert [each.starts_at for each in again.occurrences] == [at(7), at(8)]
    assert again.removed == ()


@pytest.mark.parametrize("fault", Fault)
def test_changes_of_a_series(sandbox: Sandbox, google: PersonCalendar, foreign: Entry, fault: Fault) -> None:
    world = sandbox.calendars
    series = world.add(IVY, "Standup", at(11), at(11, 10), rule="FREQ=DAILY;COUNT=3", zone="UTC")
    first = google.changes(IVY, WINDOW, BERLIN)
    world.move(IVY, first.occurrences[2].id, at(12, 15), at(12, 16))
    spoil(sandbox, fault, "events.instances")
    found = outcome(lambda: google.changes(IVY, WINDOW, BERLIN, first.token))
    if fault is not Fault.DUPLICATES:
        said_to_be_gone = fault in (Fault.GONE, Fault.CALENDAR_MISSING)
        expected = TokenExpired if said_to_be_gone else READ_FAULTS.get(fault, Retryable)
        assert isinstance(found, expected), (fault, found)
    again = google.changes(IVY, WINDOW, BERLIN, first.token)
    assert [(each.series, each.starts_at) for each in again.occurrences] == [
        (series.id, at(11)),
        (series.id, at(12, 15)),
        (series.id, at(13)),
    ]


@pytest.mark.parametrize("fault", Fault)
def test_busy_times(sandbox: Sandbox, google: PersonCalendar, foreign: Entry, fault: Fault) -> None:
    spoil(sandbox, fault, "freebusy.query")
    found = outcome(lambda: google.busy([IVY], WINDOW, BERLIN)[IVY])
    if fault not in (Fault.HALF_PAGE, Fault.DUPLICATES):  # these are of lists only
        assert isinstance(found, READ_FAULTS.get(fault, Retryable)), (fault, found)
        check_limits(found, fault)
    again = google.busy([IVY], WINDOW, BERLIN)[IVY]
    assert isinstance(again, list)
    assert [each.starts_at for each in again] == [at(6)]


@pytest.mark.parametrize("fault", Fault)
def test_fetching_an_event(sandbox: Sandbox, google: PersonCalendar, foreign: Entry, fault: Fault) -> None:
    google.put_event(IVY, event())
    spoil(sandbox, fault, "events.get")
    found = outcome(lambda: google.fetch_event(IVY, OUR_ID))
    if fault in (Fault.GONE, Fault.CALENDAR_MISSING):
        assert found is None, "Google said that it is not there, and the calendar is"
    elif fault not in (Fault.HALF_PAGE, Fault.DUPLICATES):
        assert isinstance(found, READ_FAULTS[fault]), (fault, found)
    again = google.fetch_event(IVY, OUR_ID)
    assert again is not None
    assert again.starts_at == at(5, 10)


def one_right_event(sandbox: Sandbox, foreign: Entry, title: str) -> None:
    """The foreign entry is as it was, and beside it one event has this title; none where it is empty."""
    live = {each.id: each for each in sandbox.calendars.live(IVY)}
    assert live.pop(foreign.id) == foreign
    assert [each.title for each in live.values()] == ([title] if title else [])


WRITE_FAULTS = READ_FAULTS | {
    **{fault: OutcomeUnknown for fault in Fault if fault.acts is Acts.FIRST},
    **dict.fromkeys(
        (Fault.DROP_BEFORE, Fault.ERROR_500_BEFORE, Fault.UNAVAILABLE, Fault.SILENCE_BEFORE), OutcomeUnknown
    ),
    Fault.GONE: Refused,
}


def as_expected(problem: object, fault: Fault) -> bool:
    """Whether the outcome of a spoiled change is the contract's; faults of lists leave it good."""
    if fault in (Fault.HALF_PAGE, Fault.DUPLICATES):
        return not isinstance(problem, ToolError)
    return isinstance(problem, WRITE_FAULTS[fault])


@pytest.mark.parametrize("fault", Fault)
def test_making_an_event(sandbox: Sandbox, google: PersonCalendar, foreign: Entry, fault: Fault) -> None:
    spoil(sandbox, fault, "events.insert")
    found = outcome(lambda: google.put_event(IVY, event()))
    # An event that is not there can't have changed: 412 says nothing here, and the next look finds none.
    expected = as_expected(found, fault) or (fault is Fault.CHANGED and isinstance(found, Refused | Retryable))
    assert expected, (fault, found)
    check_limits(found, fault)
    assert google.put_event(IVY, event()).our_id == OUR_ID
    one_right_event(sandbox, foreign, "Interview: Backend")


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("knows", [True, False])
def test_changing_an_event(sandbox: Sandbox, google: PersonCalendar, foreign: Entry, fault: Fault, knows: bool) -> None:
    version = google.put_event(IVY, event()).version
    spoil(sandbox, fault, "events.patch")
    wanted = event(title="Changed", revision=2, version=version if knows else "")
    found = outcome(lambda: google.put_event(IVY, wanted))
    if fault in (Fault.CHANGED, Fault.GONE, Fault.CALENDAR_MISSING):
        # Without a version the next round of the same call settles it.
        assert isinstance(found, EventChanged) if knows else not isinstance(found, ToolError), (fault, found)
    else:
        assert as_expected(found, fault), (fault, found)
        check_limits(found, fault)
    google.put_event(IVY, event(title="Changed", revision=2))
    one_right_event(sandbox, foreign, "Changed")


@pytest.mark.parametrize("fault", Fault)
def test_deleting_an_event(sandbox: Sandbox, google: PersonCalendar, foreign: Entry, fault: Fault) -> None:
    google.put_event(IVY, event())
    spoil(sandbox, fault, "events.delete")
    found = outcome(lambda: google.delete_event(IVY, OUR_ID))
    if fault in (Fault.CHANGED, Fault.GONE, Fault.CALENDAR_MISSING):
        assert found is None, (fault, found)  # said to be gone, or settled by the next round
    elif fault not in (Fault.HALF_PAGE, Fault.DUPLICATES):
        assert isinstance(found, WRITE_FAULTS[fault]), (fault, found)
    google.delete_event(IVY, OUR_ID)
    one_right_event(sandbox, foreign, "")


@pytest.mark.parametrize("fault", Fault)
def test_getting_a_token(sandbox: Sandbox, google: PersonCalendar, foreign: Entry, fault: Fault) -> None:
    sandbox.google.fault(fault, operation="token")
    found = outcome(lambda: google.put_event(IVY, event()))
    if fault not in (Fault.HALF_PAGE, Fault.DUPLICATES):
        assert isinstance(found, Retryable | Refused), (fault, found)
        assert not isinstance(found, OutcomeUnknown)
    google.put_event(IVY, event())
    one_right_event(sandbox, foreign, "Interview: Backend")


def test_nobody_listens(sandbox: Sandbox, google: PersonCalendar, foreign: Entry) -> None:
    google.put_event(IVY, event())
    sandbox.stop()
    asks: list[Callable[[], object]] = [
        lambda: google.put_event(IVY, event()),
        lambda: google.delete_event(IVY, OUR_ID),
        lambda: google.fetch_event(IVY, OUR_ID),
        lambda: google.changes(IVY, WINDOW, BERLIN),
        lambda: google.busy([IVY], WINDOW, BERLIN),
    ]
    for ask in asks:
        problem = outcome(ask)
        assert isinstance(problem, Retryable)
        assert problem.code == "unreachable"


@pytest.mark.parametrize("seed", range(12))
def test_random_lives_end_in_one_right_event(
    sandbox: Sandbox, google: PersonCalendar, foreign: Entry, seed: int
) -> None:
    """Put, change and delete, with lost answers and a calendar that its owner changes under them."""
    dice = random.Random(seed)
    quick = [fault for fault in Fault if fault not in (Fault.SILENCE_BEFORE, Fault.SILENCE_AFTER, Fault.UNAUTHORIZED)]
    writes = ("events.insert", "events.patch", "events.delete", "events.get")
    there, title = False, ""
    for step in range(12):
        if dice.random() < 0.7:
            sandbox.google.fault(dice.choice(quick), operation=dice.choice(writes))
        if there and dice.random() < 0.3:
            dice.choice((by_owner_moved, by_owner_answered, by_owner_deleted))(sandbox)
        if dice.random() < 0.7:
            there, title = True, f"Interview {step}"
            repeated(partial(google.put_event, IVY, event(title=title, revision=step + 1)))
        else:
            there, title = False, ""
            repeated(partial(google.delete_event, IVY, OUR_ID))
        sandbox.google.faults.clear()
        found = google.fetch_event(IVY, OUR_ID)
        if (found is not None) is not there:
            # A fault said "not there" of what was: the next life of the row reads and writes it again.
            assert not there
            repeated(partial(google.delete_event, IVY, OUR_ID))
        one_right_event(sandbox, foreign, title)


def repeated(ask: Callable[[], object]) -> None:
    """Ask until there is no error, as the row of an event would."""
    for _attempt in range(10):
        if not isinstance(outcome(ask), ToolError):
            return
    raise AssertionError("It never succeeded.")


def by_owner_moved(sandbox: Sandbox) -> None:
    if any(each.id == OUR_ID for each in sandbox.calendars.live(IVY)):
        sandbox.calendars.move(IVY, OUR_ID, at(9), at(9, 10))


def by_owner_answered(sandbox: Sandbox) -> None:
    if any(each.id == OUR_ID for each in sandbox.calendars.live(IVY)):
        sandbox.calendars.decline(IVY, OUR_ID)


def by_owner_deleted(sandbox: Sandbox) -> None:
    if any(each.id == OUR_ID for each in sandbox.calendars.live(IVY)):
        sandbox.calendars.delete(IVY, OUR_ID)
