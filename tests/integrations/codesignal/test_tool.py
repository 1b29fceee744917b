"""What each method asks of the vendor and makes of its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from requests import PreparedRequest

from integrations.base import (
    CredentialsRejected,
    Feedback,
    FeedbackCategory,
    OutcomeUnknown,
    Refused,
    Retryable,
    Score,
    Template,
    VendorStatus,
    Verdict,
)
from integrations.codesignal.tool import IMPOSSIBLE_ID, INFO
from tests.integrations.codesignal.vendor_answers import (
    EMAIL,
    NAME,
    REQUEST,
    URL,
    body,
    interview,
    problem,
    tool,
)

BASE, COMPANY, READ, WRITE = (permission.name for permission in INFO.permissions)
Asked = dict[str, Any]


@contextmanager
def vendor(answer: Callable[[str, Asked], str | tuple[int, str]]) -> Iterator[list[tuple[str, Asked]]]:
    """A vendor that answers (operation's name, variables) with a body, or a status and a body; yields what it saw."""
    seen: list[tuple[str, Asked]] = []

    def respond(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        sent = json.loads(request.body or b"")
        name = sent["query"].split("(")[0].split("{")[0].split()[1]
        seen.append((name, sent["variables"]))
        reply = answer(name, sent["variables"])
        status, text = reply if isinstance(reply, tuple) else (200, reply)
        return status, {}, text

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.POST, URL, callback=respond)
        yield seen


# -- one link ----------------------------------------------------------------------------------------------------------


def test_creates_a_link() -> None:
    with vendor(lambda name, asked: body(createLiveInterview=interview())) as seen:
        link = tool().create_link(replace(REQUEST, template_id="t1", template_locked=True))
    assert seen == [
        (
            "CreateLink",
            {
                "fields": {
                    "candidateName": NAME,
                    "candidateEmail": EMAIL,
                    "expirationTime": 86_400_000,
                    "templateId": "t1",
                    "lockTemplate": True,
                }
            },
        )
    ]
    assert link.external_id == "live1"
    assert link.url == "https://app.codesignal.example/live-interview/live1"
    assert link.short_url == "https://cs.example/live1"
    assert link.status is VendorStatus.WAITING
    assert (link.candidate_name, link.candidate_email) == (NAME, EMAIL)


def test_sends_nothing_that_was_not_given() -> None:
    with vendor(lambda name, asked: body(createLiveInterview=interview())) as seen:
        tool().create_link(replace(REQUEST, candidate_name="", candidate_email="", template_locked=True))
    assert seen[0][1] == {"fields": {"expirationTime": 86_400_000}}


@pytest.mark.parametrize("lifetime", [timedelta(hours=1), timedelta(hours=336), timedelta(hours=2, microseconds=999)])
def test_a_lifetime_within_the_vendors_bounds(lifetime: timedelta) -> None:
    with vendor(lambda name, asked: body(createLiveInterview=interview())) as seen:
        tool().create_link(replace(REQUEST, lifetime=lifetime))
    assert seen[0][1]["fields"]["expirationTime"] == int(lifetime.total_seconds() * 1000)


@pytest.mark.parametrize(
    "lifetime", [timedelta(0), timedelta(minutes=59), timedelta(hours=336, milliseconds=1), timedelta(days=-1)]
)
def test_a_lifetime_out_of_bounds_is_not_even_sent(lifetime: timedelta) -> None:
    request = replace(REQUEST, lifetime=lifetime)
    with vendor(lambda name, asked: body()) as seen:
        with pytest.raises(Refused) as of_create:
            tool().create_link(request)
        with pytest.raises(Refused) as of_update:
            tool().update_link("live1", request)
    for caught in (of_create, of_update):
        assert caught.value.code == "lifetime"
        assert "336" in caught.value.sentence
    assert seen == []


@pytest.mark.parametrize(
    "changes",
    [
        {"url": ""},
        {"url": None},
        {"url": "javascript:alert(1)"},
        {"url": "ftp://app.codesignal.example/x"},
        {"url": "https://"},
        {"url": "https://[::1/"},
        {"url": "https://user@app.codesignal.example/"},
        {"url": "https://app.codesignal.example/a b"},
        {"url": "https://app.codesignal.example/" + "x" * 2000},
        {"id": ""},
        {"id": None},
        {"id": 7},
        {"id": "x" * 500},
        {"status": "unheard of"},
        {"status": []},
    ],
)
def test_a_created_link_without_id_or_address_may_still_exist(changes: Asked) -> None:
    with vendor(lambda name, asked: body(createLiveInterview=interview(**changes))):
        with pytest.raises(OutcomeUnknown) as caught:
            tool().create_link(REQUEST)
        assert caught.value.code == "unreadable"
        with pytest.raises(Retryable):
            tool().fetch_link("live1")


def test_a_created_link_counts_even_if_the_answer_complains_about_a_part_of_it() -> None:
    answer = problem(
        "Access Denied",
        path=["createLiveInterview", "finishDate"],
        data={"createLiveInterview": interview()},
    )
    with vendor(lambda name, asked: answer):
        assert tool().create_link(REQUEST).external_id == "live1"


def test_data_beside_an_error_of_the_whole_leaves_the_outcome_unknown() -> None:
    answer = problem("Access Denied", data={"createLiveInterview": interview()})
    with vendor(lambda name, asked: answer), pytest.raises(OutcomeUnknown):
        tool().create_link(REQUEST)


def test_edits_a_link() -> None:
    with vendor(lambda name, asked: body(editLiveInterview=interview(candidateName="New"))) as seen:
        assert tool().update_link("live1", REQUEST).candidate_name == "New"
    assert seen[0][0] == "EditLink"
    assert seen[0][1]["id"] == "live1"
    assert seen[0][1]["fields"]["candidateEmail"] == EMAIL


def test_an_edit_answered_with_another_link_is_not_believed() -> None:
    with vendor(lambda name, asked: body(editLiveInterview=interview("another"))), pytest.raises(OutcomeUnknown):
        tool().update_link("live1", REQUEST)


def test_deletes_a_link() -> None:
    with vendor(lambda name, asked: body(deleteLiveInterview=asked["id"])) as seen:
        tool().cancel_link("live1")
    assert seen == [("DeleteLink", {"id": "live1"})]


@pytest.mark.parametrize(
    ("word", "status"),
    [("pending", VendorStatus.WAITING), ("active", VendorStatus.ACTIVE), ("over", VendorStatus.FINISHED)],
)
def test_fetches_a_link_with_its_status(word: str, status: VendorStatus) -> None:
    with vendor(lambda name, asked: body(liveInterview=interview(status=word))):
        link = tool().fetch_link("live1")
    assert link is not None
    assert link.status is status


@pytest.mark.parametrize("word", ["deleted", "archived"])
def test_a_deleted_link_is_none(word: str) -> None:
    with vendor(lambda name, asked: body(liveInterview=interview(status=word))):
        assert tool().fetch_link("live1") is None


def test_a_bare_null_is_asked_again_before_it_counts_as_none() -> None:
    answers = [body(liveInterview=None), body(liveInterview=interview())]
    with vendor(lambda name, asked: answers.pop(0)):
        assert tool().fetch_link("live1") is not None
    with vendor(lambda name, asked: body(liveInterview=None)) as seen:
        assert tool().fetch_link("live1") is None
    assert len(seen) == 2


def test_another_link_than_the_one_asked_for_is_not_believed() -> None:
    with vendor(lambda name, asked: body(liveInterview=interview("another"))), pytest.raises(Retryable):
        tool().fetch_link("live1")


def test_fetches_times_and_feedback() -> None:
    feedback = {
        "author": {"username": "ivy", "profile": {"name": "Ivy Viewer"}},
        "notes": "Good\x00",
        "evaluation": "strong_yes",
        "recommendedLevel": "Senior",
        "categories": [{"name": "Coding", "attributes": [{"name": "Clarity", "score": 3, "notes": None}, None]}, None],
    }
    sparse = {"author": {"username": "jo", "profile": None}, "notes": None, "evaluation": "perhaps", "categories": None}
    answer = interview(
        startDate=1_700_000_000_000, finishDate=1_700_000_060_500.0, interviewersFeedback=[feedback, None, sparse]
    )
    with vendor(lambda name, asked: body(liveInterview=answer)):
        link = tool().fetch_link("live1")
    assert link is not None
    assert link.started_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert link.finished_at == datetime(2023, 11, 14, 22, 14, 20, 500_000, tzinfo=UTC)
    assert link.feedback == (
        Feedback(
            author="Ivy Viewer",
            notes="Good",
            evaluation="strong_yes",
            recommended_level="Senior",
            categories=(FeedbackCategory("Coding", (Score("Clarity", 3.0),)),),
        ),
        Feedback(author="jo"),
    )


def test_feedback_that_the_key_may_not_read_does_not_hide_the_link() -> None:
    answer = problem(
        "Access Denied",
        path=["liveInterview", "interviewersFeedback", 0, "author"],
        data={"liveInterview": interview(interviewersFeedback=[None])},
    )
    with vendor(lambda name, asked: answer):
        link = tool().fetch_link("live1")
    assert link is not None
    assert link.feedback == ()


@pytest.mark.parametrize("value", ["soon", True, [], 10**400, -(10**30), "1700000000000"])
def test_a_time_that_is_none_is_left_out(value: object) -> None:
    with vendor(lambda name, asked: body(liveInterview=interview(startDate=value))):
        link = tool().fetch_link("live1")
    assert link is not None
    assert link.started_at is None


# -- many links --------------------------------------------------------------------------------------------------------


def test_finds_links_of_several_addresses_in_one_request() -> None:
    answer = body(
        e0=[interview("a"), interview("b", candidateEmail=EMAIL.upper()), interview("c", status="deleted")],
        e1=[interview("d", candidateEmail="another.ann@x.example"), interview("e", candidateEmail=None)],
        e2=[],
    )
    emails = [EMAIL, "ann@x.example", "none@x.example"]
    with vendor(lambda name, asked: answer) as seen:
        found = tool().find_links(emails)
    assert seen == [("FindLinks", {"e0": emails[0], "e1": emails[1], "e2": emails[2]})]
    assert list(found) == emails
    assert [link.external_id for link in found[EMAIL].links] == ["a", "b"]
    assert found["ann@x.example"].links == ()
    assert all(each.complete for each in found.values())


def test_looks_up_any_number_of_addresses_twenty_at_a_time() -> None:
    emails = [f"p{number}@x.example" for number in range(45)]
    with vendor(
        lambda name, asked: body(**{key: [interview(value, candidateEmail=value)] for key, value in asked.items()})
    ) as seen:
        found = tool().find_links(emails)
    assert [len(asked) for _, asked in seen] == [20, 20, 5]
    assert [found[email].links[0].candidate_email for email in emails] == emails


def test_a_blank_address_is_not_asked_for_and_not_answered() -> None:
    """The vendor could take it for "any address"."""
    with vendor(lambda name, asked: body(e0=[])) as seen:
        found = tool().find_links(["", "  ", EMAIL])
    assert seen == [("FindLinks", {"e0": EMAIL})]
    assert [found[email].complete for email in ("", "  ", EMAIL)] == [False, False, True]


def test_no_address_no_request() -> None:
    with vendor(lambda name, asked: body()) as seen:
        assert tool().find_links([]) == {}
    assert seen == []


def pages(all_of_them: list[Any]) -> Callable[[str, Asked], str]:
    """A vendor with these interviews, for look-ups and listings alike."""

    def answer(name: str, asked: Asked) -> str:
        if name == "FindLinks":
            return body(e0=all_of_them[:50])
        return body(liveInterviews=all_of_them[asked["offset"] : asked["offset"] + asked["first"]])

    return answer


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100, 499])
def test_pages_through_an_address_with_many_links(count: int) -> None:
    with vendor(pages([interview(f"live{number}") for number in range(count)])):
        found = tool().find_links([EMAIL])[EMAIL]
    assert len({link.external_id for link in found.links}) == len(found.links) == count
    assert found.complete


def test_stops_at_five_hundred_links_of_one_address_and_says_so() -> None:
    with vendor(pages([interview(f"live{number}") for number in range(900)])) as seen:
        found = tool().find_links([EMAIL])[EMAIL]
    assert len(found.links) == 500
    assert not found.complete
    assert len(seen) == 10


@pytest.mark.parametrize(
    ("count", "most", "complete"),
    [(0, 10, True), (9, 10, True), (10, 10, False), (250, 1000, True), (250, 120, False), (5, 0, False)],
)
def test_lists_all_links_up_to_a_bound(count: int, most: int, complete: bool) -> None:
    with vendor(pages([interview(f"live{number}") for number in range(count)])):
        found = tool().list_links(most=most)
    assert len(found.links) == min(count, most)
    assert found.complete is complete


def test_a_link_made_while_listing_does_no_harm() -> None:
    links = [interview(f"live{number}") for number in range(150)]

    def answer(name: str, asked: Asked) -> str:
        page = body(liveInterviews=links[asked["offset"] : asked["offset"] + asked["first"]])
        links.insert(0, interview("new"))
        return page

    with vendor(answer):
        found = tool().list_links(most=1000)
    assert {link.external_id for link in found.links} >= {f"live{number}" for number in range(150)}
    assert len({link.external_id for link in found.links}) == len(found.links)
    assert found.complete


def test_a_link_deleted_while_listing_may_hide_another_so_the_list_is_not_complete() -> None:
    links = [interview(f"live{number}") for number in range(150)]

    def answer(name: str, asked: Asked) -> str:
        page = body(liveInterviews=links[asked["offset"] : asked["offset"] + asked["first"]])
        links.pop(0)
        return page

    with vendor(answer):
        assert not tool().list_links(most=1000).complete


@pytest.mark.parametrize("broken", [None, 7, {}, {"id": "x"}, interview(status="unheard of"), interview(url="")])
def test_an_entry_that_can_not_be_read_makes_the_answer_incomplete(broken: object) -> None:
    with vendor(pages([interview("a"), broken, interview("b")])):
        for found in (tool().list_links(most=10), tool().find_links([EMAIL])[EMAIL]):
            assert [link.external_id for link in found.links] == ["a", "b"]
            assert not found.complete


def test_a_vendor_that_ignores_the_offset_does_not_hang_a_listing() -> None:
    same = [interview(f"live{number}") for number in range(101)]
    with vendor(lambda name, asked: body(liveInterviews=same[: asked["first"]])) as seen:
        found = tool().list_links(most=1000)
    assert len(found.links) <= 101
    assert len(seen) <= 11


def test_lists_templates_in_the_vendors_order() -> None:
    def answer(name: str, asked: Asked) -> str:
        names = ["Zeta", None, "Alpha"] if asked["offset"] == 0 else ["Beta"]
        found = [
            {"id": f"t{asked['offset']}-{word}", "name": word, "isCompanyDefault": word == "Alpha"} for word in names
        ]
        return body(interviewTemplates={"interviewTemplates": [*found, None], "pageInfo": {"hasNextPage": True}})

    with vendor(answer) as seen:
        templates = tool().list_templates(search="x")
    assert templates == [
        Template("t0-Zeta", "Zeta"),
        Template("t0-None", "t0-None"),
        Template("t0-Alpha", "Alpha", is_default=True),
        Template("t100-Beta", "Beta"),
    ]
    assert [asked for _, asked in seen] == [
        {"search": "x", "first": 100, "offset": 0},
        {"search": "x", "first": 100, "offset": 100},
    ]


# -- the key -----------------------------------------------------------------------------------------------------------

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
    assert account.missing() == [READ, WRITE]
    assert account.permissions[BASE] is Verdict.UNKNOWN


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
