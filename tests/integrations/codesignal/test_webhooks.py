"""Events: whose they are, and what may be believed of them. Nothing that comes in raises."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.base import WebhookEvent
from tests.integrations.codesignal.vendor_answers import tool

URL = "https://panelist.example/hooks/7/s3cret-path/"
SECRET = "webhook-secret"
AT = 1_700_000_000_123
KNOWN = "7d999cc50209b31772b12081613fca608256b8698f1b9954c3c01929734272ef"
BODY: dict[str, object] = {
    "event": "liveInterviewFinished",
    "triggeredOn": AT,
    "payload": {"interviewId": "live1", "candidateName": "Z", "url": "https://evil.example/"},
}


def signature(text: str = f"{URL}liveInterviewFinished{AT}", secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def verified(body: Any = BODY, *, url: str = URL, secret: str = SECRET, **headers: str) -> bool:
    given_headers = {name.replace("_", "-"): value for name, value in headers.items()} or {
        "X-CodeSignal-Signature": signature()
    }
    return tool().verify_webhook(url=url, secret=secret, headers=given_headers, body=body)


def test_a_known_signature() -> None:
    """Worked out with another tool: printf '%s' URL+event+time | openssl dgst -sha256 -hmac webhook-secret."""
    assert signature() == KNOWN
    assert verified()


@pytest.mark.parametrize("triggered_on", [AT, str(AT), float(AT)])
def test_the_time_may_come_as_a_number_or_a_string(triggered_on: object) -> None:
    assert verified({**BODY, "triggeredOn": triggered_on})


@pytest.mark.parametrize("name", ["X-CodeSignal-Signature", "x-codesignal-signature", "X-CODESIGNAL-SIGNATURE"])
def test_the_header_in_any_case_and_the_digest_in_any_case(name: str) -> None:
    for value in (signature(), signature().upper(), f" {signature()} "):
        assert verified(**{name.replace("-", "_"): value})


def test_the_payload_is_not_covered() -> None:
    assert verified({**BODY, "payload": "anything"})


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "liveInterviewFeedbackUpdated"},
        {"event": ""},
        {"event": None},
        {"event": 5},
        {"event": "\ud800"},
        {"triggeredOn": AT + 1},
        {"triggeredOn": AT + 0.5},
        {"triggeredOn": f" {AT}"},
        {"triggeredOn": f"{AT}.0"},
        {"triggeredOn": None},
        {"triggeredOn": True},
        {"triggeredOn": -1},
        {"triggeredOn": 10**30},
        {"triggeredOn": float("nan")},
        {"triggeredOn": float("inf")},
        {"triggeredOn": "١٧٠٠٠٠٠٠٠٠١٢٣"},
        {"triggeredOn": [AT]},
    ],
)
def test_a_signature_for_something_else(changes: dict[str, object]) -> None:
    assert not verified({**BODY, **changes})


def test_another_address_or_secret() -> None:
    assert not verified(url=URL.replace("https", "http"))
    assert not verified(secret="another")
    assert not verified({})


def test_no_secret_lets_nobody_in() -> None:
    empty = signature(secret="")
    assert not verified(secret="", X_CodeSignal_Signature=empty)


@pytest.mark.parametrize("value", ["", "00", "sha256=" + signature(), signature()[:-1], signature() + "0", "é" * 64])
def test_a_malformed_signature(value: str) -> None:
    assert not verified(X_CodeSignal_Signature=value)
    assert not verified(Another_Header=signature())


@pytest.mark.parametrize(
    ("word", "event"), [("liveInterviewFinished", "finished"), ("liveInterviewFeedbackUpdated", "feedback_updated")]
)
def test_an_event_is_boiled_down_to_what_to_fetch(word: str, event: str) -> None:
    assert tool().parse_webhook({**BODY, "event": word}) == WebhookEvent(
        event=event, external_id="live1", triggered_at=datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "companyTestSessionFinished"},
        {"event": None},
        {"event": ["liveInterviewFinished"]},
        {"payload": None},
        {"payload": []},
        {"payload": {}},
        {"payload": {"interviewId": 7}},
        {"payload": {"interviewId": ""}},
        {"payload": {"interviewId": "x" * 201}},
        {"payload": {"interviewId": "a\x00b"}},
        {"triggeredOn": "soon"},
        {"triggeredOn": None},
        {"triggeredOn": 9_999_999_999_999_999},
    ],
)
def test_an_event_that_is_none_of_ours_or_malformed(changes: dict[str, object]) -> None:
    assert tool().parse_webhook({**BODY, **changes}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
BODIES = st.dictionaries(st.sampled_from(["event", "triggeredOn", "payload", "other"]), JSON) | st.fixed_dictionaries(
    {
        "event": st.sampled_from(["liveInterviewFinished", "x"]) | JSON,
        "triggeredOn": st.integers() | st.floats() | st.from_regex(r"\d{1,20}", fullmatch=True),
        "payload": st.fixed_dictionaries({"interviewId": st.text() | JSON}),
    }
)


@given(body=BODIES, header=st.text(), secret=st.text(), url=st.text())
def test_nothing_that_comes_in_raises(body: dict[str, object], header: str, secret: str, url: str) -> None:
    headers = {"X-CodeSignal-Signature": header}
    assert tool().verify_webhook(url=url, secret=secret, headers=headers, body=body) is False
    event = tool().parse_webhook(body)
    assert event is None or (event.external_id and event.event in ("finished", "feedback_updated"))
