"""Results of the three requests that check a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.base import (
    CredentialsRejected,
    Retryable,
    Verdict,
)
from integrations.codesignal.tool import IMPOSSIBLE_ID, codesignal_info
from tests.integrations.codesignal.vendor_answers import (
    Asked,
    body,
    problem,
    tool,
    vendor,
)

BASE, COMPANY, READ, WRITE = (permission.name for permission in codesignal_info().permissions)


COMPANY_ANSWER = body(company={"id": "c1", "name": "Acme Corp"})
READ_ANSWER = body(liveInterviews=[{"id": "x", "company": {"id": "c1", "name": "Acme Corp"}}])
GONE = problem("Live interview not found", path=["deleteLiveInterview"], data=None)
DENIED = problem("Access Denied", data=None)


def key_with(
    *, company: Any = COMPANY_ANSWER, read: Any = READ_ANSWER, write: Any = GONE
) -> Callable[[str, Asked], Any]:
    answers = {"CheckCompany": company, "ReadProbe": read, "WriteProbe": write}
    return lambda name, asked: answers[name]


def test_a_good_key() -> None:
    with vendor(key_with()) as seen:
        account = tool().check_credentials()
    assert (account.company_id, account.company_name) == ("c1", "Acme Corp")
    assert account.permissions == dict.fromkeys((BASE, COMPANY, READ, WRITE), Verdict.YES)
    assert account.missing() == []
    assert seen[-1] == ("WriteProbe", {"id": IMPOSSIBLE_ID})
    assert len(seen) == 3


@pytest.mark.parametrize("denied", [DENIED, (401, DENIED), (403, DENIED), (403, "<h1>Forbidden</h1>"), (401, "")])
def test_a_key_that_may_not_write(denied: Any) -> None:
    with vendor(key_with(write=denied)):
        account = tool().check_credentials()
    assert account.missing() == [WRITE]


@pytest.mark.parametrize("denied", [DENIED, (401, DENIED), (403, DENIED), (401, "")])
def test_a_key_that_may_not_read(denied: Any) -> None:
    with vendor(key_with(read=denied)):
        account = tool().check_credentials()
    assert account.missing() == [READ]
    assert account.permissions[WRITE] is Verdict.YES


def test_a_permission_that_the_vendor_names_is_the_one_that_is_missing() -> None:
    named = problem("Access Denied: missing permission liveInterview.company")
    with vendor(key_with(read=named, write=named)):
        account = tool().check_credentials()
    assert account.missing() == [COMPANY]
    assert account.permissions[READ] is Verdict.UNKNOWN


def test_a_key_with_neither() -> None:
    with vendor(key_with(read=DENIED, write=DENIED)):
        account = tool().check_credentials()
    assert account.denied
    assert account.permissions == dict.fromkeys((BASE, COMPANY, READ, WRITE), Verdict.UNKNOWN)


@pytest.mark.parametrize(
    "write",
    [problem("Boom"), problem("Invalid id"), (500, ""), (400, ""), "", "{}", body(deleteLiveInterview=IMPOSSIBLE_ID)],
)
def test_whether_a_key_may_write_can_stay_open(write: Any) -> None:
    with vendor(key_with(write=write)):
        account = tool().check_credentials()
    assert account.permissions[WRITE] is Verdict.UNKNOWN
    assert account.permissions[READ] is Verdict.YES
    assert account.missing() == []


@pytest.mark.parametrize("company", [(401, ""), (401, problem("Unauthorized")), problem("No.", code="UNAUTHENTICATED")])
def test_a_bad_key_is_found_at_the_first_question(company: Any) -> None:
    with vendor(key_with(company=company)) as seen, pytest.raises(CredentialsRejected) as caught:
        tool().check_credentials()
    assert caught.value.code == "key_rejected"
    assert len(seen) == 1


def test_a_key_that_may_not_ask_for_its_company_is_told_by_an_interview() -> None:
    with vendor(key_with(company=DENIED)):
        account = tool().check_credentials()
    assert (account.company_id, account.company_name) == ("c1", "Acme Corp")
    with vendor(key_with(company=DENIED, read=body(liveInterviews=[]))):
        assert tool().check_credentials().company_id == ""


def test_a_key_that_is_denied_everything() -> None:
    with vendor(key_with(company=DENIED, read=DENIED, write=DENIED)), pytest.raises(CredentialsRejected) as caught:
        tool().check_credentials()
    assert (caught.value.code, caught.value.missing) == ("everything_denied", ())
    named = problem("Missing permission liveInterview")
    with vendor(key_with(company=named, read=named, write=named)), pytest.raises(CredentialsRejected) as caught:
        tool().check_credentials()
    assert (caught.value.code, caught.value.missing) == ("permission_missing", (BASE,))


@pytest.mark.parametrize("part", ["company", "read", "write"])
def test_a_busy_vendor_says_nothing_about_the_key(part: str) -> None:
    with vendor(key_with(**{part: (429, "")})), pytest.raises(Retryable) as caught:
        tool().check_credentials()
    assert caught.value.rate_limited
