"""Each fault does at the vendor what its name says, and spoils the answer as its name says."""

from __future__ import annotations

import http.client
import json
import threading
import time

import pytest

from integrations.sandbox import Fault, Sandbox
from integrations.sandbox.faults import Acts
from tests.integrations.sandbox.conftest import CREATE, DELETE, EDIT, FETCH, LIST, Caller

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

CLOSED = (http.client.RemoteDisconnected, ConnectionResetError)
STATUS = {
    Fault.ERROR_500_BEFORE: 500,
    Fault.ERROR_500_AFTER: 500,
    Fault.BAD_GATEWAY_BEFORE: 502,
    Fault.BAD_GATEWAY_AFTER: 502,
    Fault.UNAVAILABLE: 503,
    Fault.UNAUTHORIZED: 401,
    Fault.FORBIDDEN: 403,
    Fault.RATE_LIMITED_RETRY_AFTER: 429,
    Fault.RATE_LIMITED_BARE: 429,
}
SILENT = [fault for fault in Fault if fault.silent]
WITHOUT_ANSWER = [Fault.DROP_BEFORE, Fault.DROP_AFTER, *SILENT]
ANSWERED = [fault for fault in Fault if fault not in WITHOUT_ANSWER and fault is not Fault.CUT_BODY_AFTER]


@pytest.mark.parametrize("fault", Fault)
def test_the_vendor_acts_exactly_when_the_name_says_so(sandbox: Sandbox, caller: Caller, fault: Fault) -> None:
    sandbox.fault(fault, operation="createLiveInterview", hold=0.05)
    try:
        caller.ask(CREATE, fields={})
    except (*CLOSED, http.client.IncompleteRead):
        pass
    acts = fault.acts is not Acts.NEVER
    assert acts is (("AFTER" in fault.name and "RETRY_AFTER" not in fault.name) or fault is Fault.SILENCE_THEN_ACT)
    assert len(sandbox.interviews()) == acts
    (record,) = sandbox.requests
    assert (record.answered, record.acted) == (f"fault:{fault.value}", acts)
    assert sandbox.faults_fired == {fault.value: 1}
    assert caller.create()["id"], "it happened once"


@pytest.mark.parametrize("fault", ANSWERED)
def test_the_answer_is_faulty_as_the_name_says(sandbox: Sandbox, caller: Caller, fault: Fault) -> None:
    sandbox.fault(fault)
    reply = caller.ask(CREATE, fields={})
    assert reply.status == STATUS.get(fault, 200)
    assert reply.headers["Retry-After"] == ("1" if fault is Fault.RATE_LIMITED_RETRY_AFTER else None)
    if fault in (Fault.BAD_GATEWAY_BEFORE, Fault.BAD_GATEWAY_AFTER):
        assert reply.headers["Content-Type"].startswith("text/html")
        assert reply.raw.startswith(b"<html>")
    elif fault is Fault.EMPTY_BODY_AFTER:
        assert reply.raw == b""
    elif fault is Fault.CUT_JSON_AFTER:
        assert reply.raw.startswith(b'{"data": {"createLiveInterview"')
        with pytest.raises(json.JSONDecodeError):
            json.loads(reply.raw)
    elif fault in (Fault.NULL_DATA_BEFORE, Fault.NULL_DATA_AFTER):
        assert reply.json == {"data": None}
    elif fault in (Fault.NULL_FIELD_BEFORE, Fault.NULL_FIELD_AFTER):
        assert reply.json == {"data": {"createLiveInterview": None}}
    elif fault is not Fault.UNAVAILABLE:
        assert reply.error


@pytest.mark.parametrize("fault", WITHOUT_ANSWER)
def test_the_connection_is_closed_without_an_answer(sandbox: Sandbox, caller: Caller, fault: Fault) -> None:
    hold = 0.1 if fault.silent else 60
    sandbox.fault(fault, hold=hold)
    began = time.monotonic()
    with pytest.raises(CLOSED):
        caller.ask(LIST)
    assert (time.monotonic() - began >= hold) is fault.silent


def test_a_cut_body_ends_before_its_length(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.fault(Fault.CUT_BODY_AFTER)
    with pytest.raises(http.client.IncompleteRead):
        caller.ask(CREATE, fields={})


@pytest.mark.parametrize(
    ("operation", "query"),
    [
        ("createLiveInterview", CREATE),
        ("editLiveInterview", EDIT),
        ("deleteLiveInterview", DELETE),
        ("liveInterview", FETCH),
        ("liveInterviews", LIST),
        ("company", "{ company { id } }"),
        ("interviewTemplates", "{ interviewTemplates(first: 1, offset: 0) { totalCount } }"),
        ("liveInterviews", "{ company { id } a: liveInterviews { id } }"),
    ],
)
def test_a_fault_strikes_its_operation_only(sandbox: Sandbox, caller: Caller, operation: str, query: str) -> None:
    made = caller.create()
    other = "company" if operation == "interviewTemplates" else "interviewTemplates"
    sandbox.fault(Fault.UNAVAILABLE, operation=other, times=9)
    variables = {"id": made["id"]} if "$id" in query else {}
    assert caller.ask(query, **variables, **({"fields": {}} if "$fields" in query else {})).status == 200
    sandbox.fault(Fault.UNAVAILABLE, operation=operation)
    assert caller.ask(query, **variables, **({"fields": {}} if "$fields" in query else {})).status == 503


def test_a_null_that_is_not_allowed_nulls_the_whole_data(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.fault(Fault.NULL_FIELD_BEFORE, times=2)
    assert caller.ask(LIST).json == {"data": None}
    assert caller.ask("{ mine: company { id } }").json == {"data": {"mine": None}}


def test_times_and_clearing(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.fault(Fault.UNAVAILABLE, times=2)
    assert [caller.ask(LIST).status for _ in range(3)] == [503, 503, 200]
    sandbox.fault(Fault.RATE_LIMITED_RETRY_AFTER, times=5, retry_after=7)
    assert caller.ask(LIST).headers["Retry-After"] == "7"
    sandbox.clear_faults()
    assert caller.ask(LIST).status == 200
    assert sandbox.refused_by_rate_limit == 0, "an injected 429 is not the limiter's"


def test_probability_is_repeatable_by_its_seed(sandbox: Sandbox, caller: Caller) -> None:
    def run() -> list[int]:
        sandbox.clear_faults()
        sandbox.fault(Fault.UNAVAILABLE, probability=0.3, seed=5)
        return [caller.ask(LIST).status for _ in range(60)]

    first = run()
    assert 5 < first.count(503) < 35
    assert run() == first


def test_a_fault_does_not_hide_a_bad_key(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.fault(Fault.UNAVAILABLE)
    good, caller.key = caller.key, "wrong"
    assert caller.ask(LIST).status == 401
    caller.key = good
    assert caller.ask(LIST).status == 503


@pytest.mark.parametrize(
    "rule", [{"operation": "users"}, {"probability": 0}, {"probability": 1.5}, {"times": 0}, {"hold": -1}]
)
def test_a_rule_that_makes_no_sense_is_refused(sandbox: Sandbox, rule: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        sandbox.fault(Fault.UNAVAILABLE, **rule)  # type: ignore[arg-type]


def test_silence_outlasts_an_impatient_caller_and_then_acts(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.fault(Fault.SILENCE_THEN_ACT, hold=1.5)
    caller.connection.timeout = 0.1
    with pytest.raises(TimeoutError):
        caller.ask(CREATE, fields={})
    assert sandbox.interviews() == []
    assert sandbox.wait_for_requests(1, answered=True)
    assert len(sandbox.interviews()) == 1


def test_stopping_ends_a_silence_at_once_and_does_not_act() -> None:
    sandbox = Sandbox().start()
    caller = Caller(sandbox.url, sandbox.make_key())
    sandbox.fault(Fault.SILENCE_THEN_ACT, hold=30)
    errors: list[BaseException] = []

    def call() -> None:
        try:
            caller.ask(CREATE, fields={})
        except CLOSED as error:
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert sandbox.wait_for_requests(1)
    began = time.monotonic()
    sandbox.stop()
    thread.join(5)
    assert time.monotonic() - began < 5
    assert len(errors) == 1
    assert sandbox.interviews() == []
