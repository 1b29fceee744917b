"""The tool against the stand-in over loopback: each method at work, and each fault told for what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from integrations import transport
from integrations.base import (
    CredentialsRejected,
    Gone,
    OutcomeUnknown,
    Refused,
    Retryable,
    ToolError,
    VendorStatus,
    Verdict,
)
from integrations.codesignal.tool import CodeSignalTool
from integrations.sandbox import ALL, Fault, RateAnswer, Refusal, Sandbox
from tests.integrations.codesignal.vendor_answers import EMAIL, KEY, MUTATIONS, NAME, REQUEST

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def sandbox(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(transport, "connections", transport.Connections())
    with Sandbox() as running:
        running.configure(mutations_per_second=0, queries_per_second=0, hold=2.0)
        yield running


def connect(sandbox: Sandbox, *, silence: float = 5.0, permissions: tuple[str, ...] = ALL) -> CodeSignalTool:
    key = sandbox.make_key(permissions=permissions)
    return CodeSignalTool(key, api_url=sandbox.graphql_url, timeout=(2.0, silence))


def test_one_link_through_its_life(sandbox: Sandbox) -> None:
    tool = connect(sandbox)
    template = tool.list_templates()[0]
    link = tool.create_link(replace(REQUEST, template_id=template.id, template_locked=True))
    [at_vendor] = sandbox.interviews()
    assert (link.external_id, link.url) == (at_vendor.id, at_vendor.url)
    assert (at_vendor.template_id, at_vendor.lock_template) == (template.id, True)
    assert at_vendor.expires_at - at_vendor.created_at == 24 * 3_600_000
    assert tool.fetch_link(link.external_id) == link
    assert tool.find_links([EMAIL, "nobody@x.example"])[EMAIL].links == (link,)
    assert tool.list_links(most=100).links == (link,)

    renamed = tool.update_link(link.external_id, replace(REQUEST, candidate_name="Ann New"))
    assert (renamed.external_id, renamed.candidate_name) == (link.external_id, "Ann New")

    sandbox.start_interview(link.external_id)
    started = tool.fetch_link(link.external_id)
    assert started is not None
    assert started.status is VendorStatus.ACTIVE
    assert started.started_at is not None

    sandbox.finish(link.external_id)
    sandbox.leave_feedback(link.external_id, evaluation="strong_yes", notes="Very good")
    finished = tool.fetch_link(link.external_id)
    assert finished is not None
    assert finished.status is VendorStatus.FINISHED
    assert finished.finished_at is not None
    assert [(feedback.evaluation, feedback.notes) for feedback in finished.feedback] == [("strong_yes", "Very good")]

    tool.cancel_link(link.external_id)
    tool.cancel_link(link.external_id)
    assert tool.fetch_link(link.external_id) is None
    assert tool.find_links([EMAIL])[EMAIL].links == ()
    assert tool.list_links(most=100).links == ()
    with pytest.raises(Gone):
        tool.update_link(link.external_id, REQUEST)


def test_what_the_vendor_does_not_know(sandbox: Sandbox) -> None:
    tool = connect(sandbox)
    assert tool.fetch_link("nothing") is None
    tool.cancel_link("nothing")
    with pytest.raises(Gone):
        tool.update_link("nothing", REQUEST)
    with pytest.raises(Refused) as caught:
        tool.create_link(replace(REQUEST, template_id="nothing"))
    assert caught.value.code == "template_refused"
    assert sandbox.interviews() == []


def test_a_vendors_refusal_of_a_lifetime_is_a_refusal(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from integrations.codesignal import tool as tool_module

    monkeypatch.setattr(tool_module, "MAX_LIFETIME", timedelta(days=30))
    with pytest.raises(Refused) as caught:
        connect(sandbox).create_link(replace(REQUEST, lifetime=timedelta(days=20)))
    assert caught.value.code == "lifetime"


@pytest.mark.parametrize("answer", list(Refusal))
def test_a_bad_key(sandbox: Sandbox, answer: Refusal) -> None:
    sandbox.configure(bad_key_answer=answer)
    with pytest.raises(CredentialsRejected):
        CodeSignalTool(KEY, api_url=sandbox.graphql_url).check_credentials()


@pytest.mark.parametrize("answer", list(Refusal))
@pytest.mark.parametrize("missing", [None, *ALL])
def test_a_key_is_checked_and_nothing_is_left_behind(sandbox: Sandbox, answer: Refusal, missing: str | None) -> None:
    sandbox.configure(denied_answer=answer)
    permissions = tuple(name for name in ALL if name != missing)
    account = connect(sandbox, permissions=permissions).check_credentials()
    assert account.company_name == "Acme Corp"
    assert account.company_id
    if missing is None:
        assert set(account.permissions.values()) == {Verdict.YES}
    elif missing.endswith((".read", ".write")):
        assert account.missing() == [missing]
    else:
        # The general permissions are not told apart from the special ones: neither of those works.
        assert account.denied
        assert set(account.permissions.values()) == {Verdict.UNKNOWN}
    assert sandbox.interviews(live_only=False) == []


@pytest.mark.parametrize("answer", list(RateAnswer))
def test_over_the_rate_limit(sandbox: Sandbox, answer: RateAnswer) -> None:
    sandbox.configure(rate_answer=answer, mutations_per_second=1)
    tool = connect(sandbox)
    tool.create_link(REQUEST)
    with pytest.raises(Retryable) as caught:
        tool.create_link(REQUEST)
    assert caught.value.rate_limited
    assert len(sandbox.interviews()) == 1


#: method: (the vendor's operation, the call, what tells at the vendor that it happened)
Call = Callable[[CodeSignalTool, str], object]
CALLS: dict[str, tuple[str, Call]] = {
    "create_link": ("createLiveInterview", lambda tool, id: tool.create_link(replace(REQUEST, candidate_name="New"))),
    "update_link": (
        "editLiveInterview",
        lambda tool, id: tool.update_link(id, replace(REQUEST, candidate_name="New")),
    ),
    "cancel_link": ("deleteLiveInterview", lambda tool, id: tool.cancel_link(id)),
    "fetch_link": ("liveInterview", lambda tool, id: tool.fetch_link(id)),
    "find_links": ("liveInterviews", lambda tool, id: tool.find_links([EMAIL])),
    "list_links": ("liveInterviews", lambda tool, id: tool.list_links(most=10)),
    "list_templates": ("interviewTemplates", lambda tool, id: tool.list_templates()),
    "check_credentials": ("company", lambda tool, id: tool.check_credentials()),
}


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("method", CALLS)
def test_each_fault_is_told_for_what_it_is(sandbox: Sandbox, method: str, fault: Fault) -> None:
    """After anything but `OutcomeUnknown`, the vendor has done nothing; and what it did is `OutcomeUnknown`."""
    existing = connect(sandbox).create_link(REQUEST).external_id
    before = sandbox.interviews()
    operation, call = CALLS[method]
    tool = connect(sandbox, silence=0.15 if fault.silent else 10.0)  # a busy machine is no silence
    sandbox.fault(fault, operation=operation, times=1)
    error: ToolError | None = None
    try:
        result = call(tool, existing)
    except ToolError as caught:
        error = caught
    changed = sandbox.interviews() != before
    if method in MUTATIONS:
        assert error is not None
        assert not changed or type(error) is OutcomeUnknown
        assert len([each for each in sandbox.requests if each.operation == operation]) == 1 + (method == "create_link")
    elif error is None:
        # A bare null or a 403 can be got over: fetched again, or asked for in another way. Never a wrong answer.
        assert (method, fault) in GOT_OVER
        assert result is not None
    else:
        assert isinstance(error, (Retryable, CredentialsRejected))
        assert not changed
    if error is not None and fault in (Fault.UNAUTHORIZED, Fault.FORBIDDEN):
        assert isinstance(error, CredentialsRejected)
    if fault.value.startswith("rate_limited"):
        assert isinstance(error, Retryable)
        assert error.rate_limited
        assert error.retry_after == (1.0 if fault is Fault.RATE_LIMITED_RETRY_AFTER else None)


GOT_OVER = {
    ("fetch_link", Fault.NULL_FIELD_BEFORE),
    ("fetch_link", Fault.NULL_FIELD_AFTER),
    ("check_credentials", Fault.FORBIDDEN),
}


def test_a_candidates_data_goes_only_into_the_body(sandbox: Sandbox) -> None:
    connect(sandbox).create_link(REQUEST)
    [made] = sandbox.interviews()
    assert (made.candidate_name, made.candidate_email) == (NAME, EMAIL)
