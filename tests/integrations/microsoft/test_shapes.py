"""JSON of Graph to the contract's shapes, and the meaning of each HTTP answer: documented, odd and broken ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.base import CredentialsRejected, Gone, OutcomeUnknown, Refused, Retryable, ToolError
from integrations.calendars import Answer, EventChanged, Occurrence, TimeKind, TokenExpired, VendorEvent
from integrations.ical.ours import invitation_uid
from integrations.microsoft import errors, shapes
from integrations.microsoft.answers import judge
from integrations.transport import Reply
from tests.integrations.microsoft.conftest import BERLIN, OUR_ID

NEW_YORK = ZoneInfo("America/New_York")


def moment(text: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


#: An event as Graph documents it, shortened.
EVENT: dict[str, Any] = {
    "@odata.etag": 'W/"ZlnW4RIAV06KYYwlrfNZvQAAKGWwbw=="',
    "id": "AAMkAGIAAAoZDOFAAA=",
    "transactionId": f"panelist-{OUR_ID}-3-0",
    "subject": "Plan summer company picnic",
    "type": "singleInstance",
    "isAllDay": False,
    "isCancelled": False,
    "isOnlineMeeting": False,
    "sensitivity": "normal",
    "showAs": "busy",
    "seriesMasterId": None,
    "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
    "originalStartTimeZone": "Pacific Standard Time",
    "start": moment("2026-12-01T11:00:00.0000000"),
    "end": moment("2026-12-01T12:00:00.0000000"),
    "attendees": [],
    "onlineMeeting": None,
}


def read(**changes: object) -> Occurrence:
    found = shapes.occurrence(EVENT | changes, BERLIN)
    assert found is not None
    return found


def test_an_invitation_that_was_mailed_is_known_by_its_uid() -> None:
    """Outlook puts it into its reader's calendar."""
    assert read(transactionId=None, iCalUId=invitation_uid(OUR_ID)).our_id == OUR_ID
    assert read(transactionId=None, iCalUId="040000008200E00074C5B7101A82E008").our_id == ""


def test_an_event_as_it_is_documented() -> None:
    assert read() == Occurrence(
        id="AAMkAGIAAAoZDOFAAA=",
        starts_at=datetime(2026, 12, 1, 11, tzinfo=UTC),
        ends_at=datetime(2026, 12, 1, 12, tzinfo=UTC),
        title="Plan summer company picnic",
        our_id=OUR_ID,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (moment("2026-12-01T11:00:00.0000000"), 11),
        (moment("2026-12-01T11:00:00"), 11),
        (moment("2026-12-01T11:00:00Z"), 11),
        (moment("2026-12-01T11:00:00Z", "Pacific Standard Time"), 11),
        (moment("2026-12-01T11:00:00+02:00"), 9),
        (moment("2026-12-01T11:00:00.0000000", "Europe/Berlin"), 10),
        (moment("2026-12-01T11:00:00.0000000", "W. Europe Standard Time"), 10),
        (moment("2026-12-01T11:00:00.0000000", "Pacific Standard Time"), 19),
        (moment("2026-12-01T11:00:00.0000000", "tzone://Microsoft/Utc"), 11),
        ({"dateTime": "2026-12-01T11:00:00"}, 11),
    ],
)
def test_times_in_every_writing(value: object, expected: int) -> None:
    assert shapes.moment(value) == datetime(2026, 12, 1, expected, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "2026-12-01T11:00:00Z",
        {},
        moment("soon"),
        moment("2026-13-01T11:00:00"),
        moment("2026-12-01"),
        moment("0001-01-01T00:00:00", "Asia/Tokyo"),
        moment("2026-12-01T11:00:00", "Customized Time Zone"),
        moment("2026-12-01T11:00:00", "tzone://Microsoft/Custom"),
        moment("2026-12-01T11:00:00", "../etc/passwd"),
        {"dateTime": "2026-12-01T11:00:00", "timeZone": 1},
    ],
)
def test_a_time_that_cannot_be_read_is_an_error(value: object) -> None:
    """Its owner would be free without it."""
    with pytest.raises(Retryable):
        shapes.occurrence(EVENT | {"start": value}, BERLIN)


@pytest.mark.parametrize(
    ("changes", "kind", "is_free", "is_tentative"),
    [
        ({"showAs": "free"}, TimeKind.DEFAULT, True, False),
        ({"showAs": "workingElsewhere"}, TimeKind.WORKING_LOCATION, True, False),
        ({"showAs": "tentative"}, TimeKind.DEFAULT, False, True),
        ({"showAs": "oof"}, TimeKind.OUT_OF_OFFICE, False, False),
        ({"showAs": "unknown"}, TimeKind.DEFAULT, False, False),
        ({"showAs": "a new word"}, TimeKind.DEFAULT, False, False),
        ({"showAs": None}, TimeKind.DEFAULT, False, False),
    ],
)
def test_what_is_not_known_to_be_free_is_busy(
    changes: dict[str, object], kind: TimeKind, is_free: bool, is_tentative: bool
) -> None:
    found = read(**changes)
    assert (found.kind, found.is_free, found.is_tentative) == (kind, is_free, is_tentative)


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("organizer", Answer.NONE),
        ("none", Answer.NONE),
        ("notResponded", Answer.NONE),
        ("accepted", Answer.ACCEPTED),
        ("tentativelyAccepted", Answer.TENTATIVE),
        ("declined", Answer.DECLINED),
        ("a new word", Answer.NONE),
        (None, Answer.NONE),
    ],
)
def test_answers(word: object, answer: Answer) -> None:
    assert read(responseStatus={"response": word}).answer is answer


@pytest.mark.parametrize("sensitivity", ["private", "confidential", "personal"])
def test_private_entries(sensitivity: str) -> None:
    assert read(sensitivity=sensitivity).is_private


@pytest.mark.parametrize(
    "transaction",
    [None, "", "7E163156-7762-4BEB-A1C6-729EA81755A7", f"panelist-{OUR_ID[:-1]}", f"panelist-{OUR_ID}x", OUR_ID, 7],
)
def test_others_entries_are_not_ours(transaction: object) -> None:
    assert read(transactionId=transaction).our_id == ""


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, ZoneInfo("Pacific/Apia"), ZoneInfo("UTC")])
@pytest.mark.parametrize(
    ("start", "end", "made_in"),
    [
        ("2026-03-29T00:00:00.0000000", "2026-03-30T00:00:00.0000000", "UTC"),
        ("2026-03-29T07:00:00.0000000", "2026-03-30T07:00:00.0000000", "Pacific Standard Time"),
        ("2026-03-28T23:00:00.0000000", "2026-03-29T22:00:00.0000000", "Europe/Berlin"),
    ],
)
def test_a_whole_day_is_the_same_date_for_everybody(zone: ZoneInfo, start: str, end: str, made_in: str) -> None:
    """Also on days of 23 and 25 hours, and whether Graph tells midnights or the maker's midnights in UTC."""
    item = EVENT | {"isAllDay": True, "start": moment(start), "end": moment(end), "originalStartTimeZone": made_in}
    found = shapes.occurrence(item, zone)
    assert found is not None
    assert found.starts_at == datetime(2026, 3, 29, tzinfo=zone).astimezone(UTC)
    assert found.ends_at == datetime(2026, 3, 30, tzinfo=zone).astimezone(UTC)


def test_a_whole_day_that_begins_at_no_midnight_stays_where_it_is() -> None:
    item = EVENT | {"isAllDay": True, "originalStartTimeZone": "Customized Time Zone"}
    found = shapes.occurrence(item, BERLIN)
    assert found is not None
    assert (found.starts_at, found.is_all_day) == (datetime(2026, 12, 1, 11, tzinfo=UTC), True)


@pytest.mark.parametrize("changes", [{"isCancelled": True}, {"end": EVENT["start"]}])
def test_entries_that_take_no_time(changes: dict[str, object]) -> None:
    assert shapes.occurrence(EVENT | changes, BERLIN) is None


def test_an_end_before_the_start_cannot_be_right() -> None:
    with pytest.raises(Retryable):
        shapes.occurrence(EVENT | {"start": EVENT["end"], "end": EVENT["start"]}, BERLIN)


def vendor_event(**changes: object) -> VendorEvent:
    return shapes.event(EVENT | changes, OUR_ID, "ivy@example.com")


def test_an_event_of_ours() -> None:
    found = vendor_event()
    assert (found.version, found.external_id) == (EVENT["@odata.etag"], EVENT["id"])
    assert (found.answer, found.meeting_url, found.meeting_pending) == (Answer.NONE, "", False)


def test_a_meeting_that_is_still_made() -> None:
    assert vendor_event(isOnlineMeeting=True).meeting_pending
    found = vendor_event(isOnlineMeeting=True, onlineMeeting={"joinUrl": "https://teams.microsoft.com/l/meetup-join/1"})
    assert (found.meeting_url, found.meeting_pending) == ("https://teams.microsoft.com/l/meetup-join/1", False)
    assert vendor_event(onlineMeeting={"joinUrl": "javascript:alert(1)"}).meeting_url == ""


def test_the_owners_answer_among_the_attendees() -> None:
    slot = {"start": EVENT["start"], "end": EVENT["end"]}
    attendees = [
        {"type": "resource", "emailAddress": {"address": "room@example.com"}, "status": {"response": "declined"}},
        {"type": "required", "emailAddress": {"address": "tom@example.com"}, "status": {"response": "accepted"}},
        {
            "type": "required",
            "emailAddress": {"address": "Ivy@Example.com"},
            "status": {"response": "declined"},
            "proposedNewTime": slot,
        },
    ]
    found = vendor_event(attendees=attendees)
    assert (found.answer, found.proposed_starts_at) == (Answer.DECLINED, datetime(2026, 12, 1, 11, tzinfo=UTC))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(EVENT)), JSON, max_size=5))
def test_any_event_is_read_or_an_error(changes: dict[str, object]) -> None:
    for read_it in (lambda item: shapes.occurrence(item, BERLIN), lambda item: shapes.event(item, OUR_ID, "")):
        try:
            found = read_it(EVENT | changes)
        except Retryable:
            continue
        if isinstance(found, Occurrence):
            assert found.ends_at > found.starts_at
            assert found.starts_at.utcoffset() == timedelta(0)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(200, 599), st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_answer_has_a_meaning(status: int, body: bytes) -> None:
    for changes in (True, False):
        found = judge(Reply(status, {"Retry-After": "soon"}, body), changes=changes)
        assert isinstance(found, (dict, ToolError))
        if isinstance(found, dict):
            assert status < 300
        if status >= 500 and changes:
            assert isinstance(found, OutcomeUnknown)


def answered(status: int, code: str = "", **options: bool) -> object:
    body = json.dumps({"error": {"code": code, "message": "m"}}).encode()
    return judge(Reply(status, {"Retry-After": "7"}, body), changes=options.pop("changes", False), **options)


@pytest.mark.parametrize(
    ("status", "code", "read_error", "write_error"),
    [
        (400, "ErrorInvalidRequest", Refused, Refused),
        (401, "InvalidAuthenticationToken", CredentialsRejected, CredentialsRejected),
        (403, "ErrorAccessDenied", Refused, Refused),
        (404, "ErrorItemNotFound", Gone, Gone),
        (404, "MailboxNotEnabledForRESTAPI", Gone, Gone),
        (400, "ErrorInvalidIdMalformed", Gone, Gone),
        (408, "", Retryable, OutcomeUnknown),
        (409, "ErrorDuplicateTransactionId", errors.DuplicateTransaction, errors.DuplicateTransaction),
        (400, "ErrorDuplicateTransactionId", errors.DuplicateTransaction, errors.DuplicateTransaction),
        (409, "", Retryable, Retryable),
        (410, "SyncStateNotFound", Gone, Gone),
        (412, "ErrorIrresolvableConflict", Retryable, EventChanged),
        (429, "TooManyRequests", Retryable, Retryable),
        (403, "ApplicationThrottled", Retryable, Retryable),
        (500, "ErrorItemNotFound", Retryable, OutcomeUnknown),
        (503, "ServiceUnavailable", Retryable, OutcomeUnknown),
        (504, "", Retryable, OutcomeUnknown),
        (302, "", Retryable, OutcomeUnknown),
        (307, "", Retryable, Retryable),
    ],
)
def test_statuses_and_codes(status: int, code: str, read_error: type[ToolError], write_error: type[ToolError]) -> None:
    assert type(answered(status, code)) is read_error
    assert type(answered(status, code, changes=True)) is write_error


@pytest.mark.parametrize(
    ("status", "code"), [(410, ""), (410, "syncStateNotFound"), (400, "SyncStateInvalid"), (410, "resyncRequired")]
)
def test_tokens_that_are_too_old(status: int, code: str) -> None:
    assert type(answered(status, code, has_token=True)) is TokenExpired


def test_how_long_to_wait() -> None:
    for status in (429, 503):
        found = answered(status)
        assert isinstance(found, Retryable)
        assert (found.retry_after, found.rate_limited) == (7.0, status == 429)
