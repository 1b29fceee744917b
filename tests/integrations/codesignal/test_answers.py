"""Every shape of an answer, for a read and for each mutation: which of the contract's errors it becomes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import responses
import time_machine

from integrations.base import (
    CredentialsRejected,
    Gone,
    OutcomeUnknown,
    Refused,
    Retryable,
    ToolError,
)
from tests.integrations.codesignal.vendor_answers import METHODS, MUTATIONS, READS, URL, body, problem, said, tool

HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
ROOTS = {"create_link": "createLiveInterview", "update_link": "editLiveInterview", "cancel_link": "deleteLiveInterview"}

Answer = dict[str, Any]
Expected = tuple[type[ToolError], str]

UNREADABLE = ((Retryable, "unreadable"), (OutcomeUnknown, "unreadable"))
TROUBLE = ((Retryable, "server_error"), (OutcomeUnknown, "server_error"))
UNKNOWN = ((Retryable, "unknown"), (OutcomeUnknown, "unknown"))
THROTTLED = ((Retryable, "rate_limited"), (Retryable, "rate_limited"))
BAD_KEY = ((CredentialsRejected, "key_rejected"), (CredentialsRejected, "key_rejected"))
DENIED = ((CredentialsRejected, "permission_missing"), (CredentialsRejected, "permission_missing"))
REFUSED = ((Refused, "refused"), (Refused, "refused"))
ELSEWHERE = ((Retryable, "wrong_address"), (Retryable, "wrong_address"))

#: name: (answer, (error of a read, error of a mutation))
SHAPES: dict[str, tuple[Answer, tuple[Expected, Expected]]] = {
    "500": ({"status": 500, "body": problem("Internal server error")}, TROUBLE),
    "500 about the key": ({"status": 500, "body": problem("Invalid API key")}, BAD_KEY),
    "502 with HTML": ({"status": 502, "body": HTML}, TROUBLE),
    "503": ({"status": 503, "body": "Service Unavailable"}, TROUBLE),
    "504": ({"status": 504}, TROUBLE),
    "408": ({"status": 408}, TROUBLE),
    "409": ({"status": 409}, TROUBLE),
    "401": ({"status": 401, "body": problem("Unauthorized")}, BAD_KEY),
    "401 bare": ({"status": 401}, BAD_KEY),
    "401 access denied": ({"status": 401, "body": problem("Access Denied")}, DENIED),
    "403": ({"status": 403, "body": problem("Access Denied")}, DENIED),
    "403 with HTML": ({"status": 403, "body": HTML}, DENIED),
    "403 for the rate": ({"status": 403, "body": problem("API rate limit exceeded")}, THROTTLED),
    "403 for the key": ({"status": 403, "body": '{"message": "Invalid API key"}'}, BAD_KEY),
    "400": ({"status": 400}, REFUSED),
    "400 validation": (
        {"status": 400, "body": problem("Cannot query field x", code="GRAPHQL_VALIDATION_FAILED")},
        REFUSED,
    ),
    "400 access denied": ({"status": 400, "body": problem("Access Denied")}, DENIED),
    "413": ({"status": 413}, REFUSED),
    "404": ({"status": 404, "body": "<h1>Not Found</h1>"}, ELSEWHERE),
    "404 JSON": ({"status": 404, "body": '{"message": "Not Found"}'}, ELSEWHERE),
    "405": ({"status": 405}, ELSEWHERE),
    "redirect 301": ({"status": 301, "headers": {"Location": "https://elsewhere.example/"}}, ELSEWHERE),
    "redirect 307": ({"status": 307, "headers": {"Location": URL}}, ELSEWHERE),
    "redirect 302": (
        {"status": 302, "headers": {"Location": "https://elsewhere.example/"}},
        ((Retryable, "wrong_address"), (OutcomeUnknown, "wrong_address")),
    ),
    "429": ({"status": 429}, THROTTLED),
    "429 with HTML": ({"status": 429, "body": HTML, "headers": {"Retry-After": "3"}}, THROTTLED),
    "200 access denied": ({"body": problem("Access Denied", data=None)}, DENIED),
    "200 forbidden by code": ({"body": problem("No.", code="FORBIDDEN")}, DENIED),
    "200 unauthenticated": ({"body": problem("No.", code="UNAUTHENTICATED")}, BAD_KEY),
    "200 invalid key": ({"body": problem("The API key is invalid")}, BAD_KEY),
    "200 rate limit": ({"body": problem("Rate limit exceeded")}, THROTTLED),
    "200 too many requests": ({"body": problem("Too many requests, slow down", data=None)}, THROTTLED),
    "200 throttled by code": ({"body": problem("No.", code="THROTTLED")}, THROTTLED),
    "200 message only": ({"body": '{"message": "Too Many Requests"}'}, THROTTLED),
    "200 error only": ({"body": '{"error": "Access denied"}'}, DENIED),
    "200 too costly": ({"body": problem("Query cost 12000 exceeds the maximum cost of 10000")}, REFUSED),
    "200 validation": ({"body": problem('Variable "$fields" got invalid value "rate limit"')}, REFUSED),
    "200 bad user input": ({"body": problem("Nope", code="BAD_USER_INPUT", data=None)}, REFUSED),
    "200 internal error": ({"body": problem("Internal server error")}, UNKNOWN),
    "200 internal error, null": ({"body": problem("Internal server error", data=None, path=["x"])}, UNKNOWN),
    "200 errors of a wrong type": ({"body": '{"errors": [7], "data": null}'}, UNKNOWN),
    "200 errors as a string": ({"body": '{"errors": "Access denied"}'}, DENIED),
    "200 gone or denied": ({"body": problem("Interview not found or access denied")}, UNKNOWN),
    "200 one clear, one not": (
        {"body": '{"errors": [{"message": "Rate limit exceeded"}, {"message": "Boom"}]}'},
        UNKNOWN,
    ),
    "200 null data": ({"body": '{"data": null}'}, UNREADABLE),
    "200 no data": ({"body": "{}"}, UNREADABLE),
    "200 empty data": ({"body": '{"data": {}}'}, UNREADABLE),
    "200 data of a wrong type": ({"body": '{"data": [1, 2]}'}, UNREADABLE),
    "200 fields of wrong types": (
        {
            "body": body(
                company="x",
                liveInterview=7,
                liveInterviews="x",
                interviewTemplates=[],
                e0=3,
                e1={},
                createLiveInterview=[],
                editLiveInterview=True,
                deleteLiveInterview={"id": 1},
            )
        },
        UNREADABLE,
    ),
    "cut JSON": ({"body": '{"data": {"createLiveInter'}, UNREADABLE),
    "empty body": ({"body": ""}, UNREADABLE),
    "204": ({"status": 204}, UNREADABLE),
    "JSON list": ({"body": "[1]"}, UNREADABLE),
    "JSON number": ({"body": "1"}, UNREADABLE),
    "JSON NaN": ({"body": '{"data": NaN}'}, UNREADABLE),
    "nested JSON": ({"body": "[" * 100_000}, UNREADABLE),
    "not UTF-8": ({"body": b'{"data": "\xff"}'}, UNREADABLE),
    "HTML with 200": ({"body": HTML}, UNREADABLE),
    "a giant": ({"body": b" " * 4_100_000}, ((Retryable, "too_large"), (OutcomeUnknown, "too_large"))),
}


def error_of(method: str, answer: Answer) -> ToolError:
    """The error that the method raises when every request gets this answer. The test fails when there is none."""
    with responses.RequestsMock() as vendor:
        vendor.post(URL, **answer)
        with pytest.raises(ToolError) as caught:
            METHODS[method](tool())
        if method in MUTATIONS:
            assert len(vendor.calls) == 1
    return caught.value


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("method", METHODS)
def test_each_shape_becomes_one_of_the_four_errors(method: str, shape: str) -> None:
    answer, (for_read, for_mutation) = SHAPES[shape]
    expected = for_mutation if method in MUTATIONS else for_read
    error = error_of(method, answer)
    if method == "check_credentials" and expected == DENIED[0]:
        # Its three questions were all denied, and no permission was named.
        expected = (CredentialsRejected, "everything_denied")
    assert (type(error), error.code) == expected
    assert said(error)
    if isinstance(error, Retryable):
        assert error.rate_limited is (error.code == "rate_limited")


@pytest.mark.parametrize("method", [*MUTATIONS, "fetch_link"])
@pytest.mark.parametrize(
    "answer",
    [
        {"body": problem("Live interview not found", data=None, path=["root"])},
        {"body": problem("No.", code="NOT_FOUND")},
        {"status": 404, "body": problem("Live interview not found")},
    ],
)
def test_a_link_that_is_not_there(method: str, answer: Answer) -> None:
    """Gone where the call names a link; a create names none."""
    with responses.RequestsMock() as vendor:
        vendor.post(URL, **answer)
        if method == "fetch_link":
            assert tool().fetch_link("live1") is None
        elif method == "cancel_link":
            METHODS[method](tool())
        else:
            with pytest.raises(Refused) as caught:
                METHODS[method](tool())
            assert isinstance(caught.value, Gone) is (method == "update_link")
        assert len(vendor.calls) == 1


@pytest.mark.parametrize("method", ["create_link", "update_link"])
def test_a_template_that_is_not_there_is_not_a_link_that_is_not_there(method: str) -> None:
    error = error_of(method, {"body": problem("Interview template not found", path=[ROOTS[method]])})
    assert (type(error), error.code) == (Refused, "template_refused")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("expirationTime must be between 1 and 336 hours", "lifetime"),
        ("Invalid email address", "email_refused"),
        ("Invalid template", "template_refused"),
        ('Variable "$email" must be something else', "refused"),
    ],
)
def test_a_refused_input_is_named_to_the_person(message: str, code: str) -> None:
    answer = {"body": problem(message, path=["createLiveInterview"], data={"createLiveInterview": None})}
    error = error_of("create_link", answer)
    assert (type(error), error.code) == (Refused, code)


@pytest.mark.parametrize("method", MUTATIONS)
@pytest.mark.parametrize("message", ["Access Denied", "Rate limit exceeded", "Not found", "Invalid email", "Boom"])
def test_a_complaint_from_inside_the_answer_means_that_the_mutation_ran(method: str, message: str) -> None:
    answer = {"body": problem(message, path=[ROOTS[method], "url"], data=None)}
    assert type(error_of(method, answer)) is OutcomeUnknown


@pytest.mark.parametrize("method", MUTATIONS)
def test_vague_words_from_a_resolver_are_not_taken_for_a_refusal(method: str) -> None:
    answer = {"body": problem("Invalid state", path=[ROOTS[method]], data=None)}
    assert type(error_of(method, answer)) is OutcomeUnknown


@pytest.mark.parametrize("words", ["Access Denied", "rate limit", "not found", "Invalid API key"])
def test_what_a_user_typed_does_not_decide(words: str) -> None:
    """A candidate called "Access Denied" must not stop an organization's integration."""
    for quoted in (f'"{words}"', f"`{words}`", f"'{words}'"):
        error = error_of("create_link", {"body": problem(f"Cannot save candidate {quoted}", data=None)})
        assert type(error) is OutcomeUnknown


@pytest.mark.parametrize(
    ("message", "missing"),
    [
        ("Access Denied: liveInterview.company.write", ("liveInterview.company.write",)),
        ('Missing permission "liveInterview.company".', ("liveInterview.company",)),
        ("You don't have permission liveInterview.", ("liveInterview",)),
        ("You don't have permission 'liveInterview'", ("liveInterview",)),
        (
            "Forbidden (liveInterview.company.read, liveInterview.company.write)",
            ("liveInterview.company.read", "liveInterview.company.write"),
        ),
        ("Access Denied to liveInterview", ()),
        ("Access Denied", ()),
    ],
)
@pytest.mark.parametrize("status", [200, 401, 403])
def test_names_the_missing_permission_where_the_vendor_does(
    status: int, message: str, missing: tuple[str, ...]
) -> None:
    error = error_of("create_link", {"status": status, "body": problem(message)})
    assert isinstance(error, CredentialsRejected)
    assert error.code == "permission_missing"
    assert error.missing == missing
    assert all(name in said(error) for name in missing)


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("999999999", 3600.0),
        ("soon", None),
        ("-5", None),
        ("inf", None),
        ("Sun, 99 Foo 2026 12:00:00 GMT", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [200, 429])
def test_waits_as_long_as_it_is_told(status: int, header: str, seconds: float | None) -> None:
    answer = {"status": status, "body": problem("Rate limit exceeded"), "headers": {"retry-after": header}}
    with time_machine.travel(NOW, tick=False):
        error = error_of("create_link", answer)
    assert isinstance(error, Retryable)
    assert error.rate_limited
    assert error.retry_after == seconds


@pytest.mark.parametrize("method", READS)
def test_a_read_tells_how_long_a_busy_vendor_asks_to_wait(method: str) -> None:
    error = error_of(method, {"status": 503, "headers": {"Retry-After": "12"}})
    assert isinstance(error, Retryable)
    assert (error.retry_after, error.rate_limited) == (12.0, False)


def test_never_follows_a_redirect() -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as vendor:
        vendor.post(URL, status=307, headers={"Location": "https://elsewhere.example/graphql"})
        elsewhere = vendor.post("https://elsewhere.example/graphql", body=body(liveInterviews=[]))
        with pytest.raises(Retryable):
            tool().list_links(most=10)
        assert elsewhere.call_count == 0
