"""Any answer of a vendor: a method returns its typed result or raises a ToolError; nothing else gets out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.base import Account, Found, OutcomeUnknown, Retryable, Template, ToolError, VendorLink, VendorStatus
from tests.integrations.codesignal.vendor_answers import METHODS, MUTATIONS, READS, URL, interview, said, tool

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["pending", "over", "deleted", "Access Denied", "not found", "https://x.example/", "\ud800", ""])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
INTERVIEW = st.builds(
    lambda changes: interview(**changes),
    st.dictionaries(st.sampled_from([*interview(), "interviewersFeedback"]), JSON, max_size=3),
)
LINKS = st.lists(INTERVIEW | JSON, max_size=4)
ROOTS = {
    "company": st.fixed_dictionaries({"id": SCALARS, "name": SCALARS}) | JSON,
    "liveInterviews": LINKS | JSON,
    "liveInterview": INTERVIEW | JSON,
    "createLiveInterview": INTERVIEW | JSON,
    "editLiveInterview": INTERVIEW | JSON,
    "deleteLiveInterview": SCALARS | JSON,
    "e0": LINKS | JSON,
    "e1": LINKS | JSON,
    "interviewTemplates": st.fixed_dictionaries(
        {"interviewTemplates": st.lists(st.fixed_dictionaries({"id": SCALARS, "name": SCALARS}) | JSON, max_size=3)},
        optional={"pageInfo": st.just({"hasNextPage": True}) | JSON},
    )
    | JSON,
}
ERRORS = st.lists(
    st.fixed_dictionaries(
        {"message": st.sampled_from(["Access Denied", "Rate limit", "not found", "Boom", "invalid email"]) | JSON},
        optional={
            "path": st.just(["createLiveInterview", "url"]) | JSON,
            "extensions": st.fixed_dictionaries({"code": st.sampled_from(["FORBIDDEN", "NOT_FOUND"]) | JSON}) | JSON,
        },
    )
    | JSON,
    max_size=3,
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={"data": st.fixed_dictionaries({}, optional=ROOTS) | JSON, "errors": ERRORS | JSON, "message": JSON},
)
BODIES = (DOCUMENTS | JSON).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)
STATUSES = st.sampled_from([200, 200, 200, 201, 204, 302, 307, 400, 401, 403, 404, 429, 500, 503, 599])
HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "Location"]), st.from_regex(r"[ -~]{0,20}", fullmatch=True), max_size=2
)


def check_link(link: object) -> None:
    assert isinstance(link, VendorLink)
    assert link.external_id
    assert link.url.startswith(("http://", "https://"))
    assert isinstance(link.status, VendorStatus)
    for text in (link.external_id, link.url, link.candidate_name, link.candidate_email):
        assert isinstance(text, str)
        text.encode()
        assert "\x00" not in text
    for moment in (link.started_at, link.finished_at):
        assert moment is None or (isinstance(moment, datetime) and moment.utcoffset() is not None)
    for feedback in link.feedback:
        assert feedback.evaluation in ("", "strong_no", "no", "yes", "strong_yes")


def check_result(result: Any) -> None:
    match result:
        case None:
            return
        case Account():
            assert len(result.permissions) == 4
        case Found():
            for link in result.links:
                check_link(link)
        case dict():
            assert len(result) == 2
            for found in result.values():
                check_result(found)
        case list():
            assert all(isinstance(item, Template) and item.id and item.name for item in result)
        case _:
            check_link(result)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    method=st.sampled_from(sorted(METHODS)),
    answers=st.lists(st.tuples(STATUSES, BODIES, HEADERS), min_size=1, max_size=4),
)
def test_any_answer_becomes_a_typed_result_or_a_tool_error(
    method: str, answers: list[tuple[int, bytes, dict[str, str]]]
) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as vendor:
        for status, body, headers in answers:
            vendor.post(URL, status=status, body=body, headers=headers)
        try:
            result = METHODS[method](tool())
        except ToolError as error:
            assert error.code
            assert said(error)
            assert error.__context__ is None
            if isinstance(error, Retryable) and error.retry_after is not None:
                assert 0 <= error.retry_after <= 3600
            assert not (method in READS and isinstance(error, OutcomeUnknown))
        else:
            check_result(result)
            assert result is not None or method in ("fetch_link", "cancel_link")
        if method in MUTATIONS:
            assert len(vendor.calls) == 1
