"""Making, changing, removing and fetching one link: what is asked of the vendor and made of its answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations.base import (
    Feedback,
    FeedbackCategory,
    OutcomeUnknown,
    Refused,
    Retryable,
    Score,
    VendorStatus,
)
from tests.integrations.codesignal.vendor_answers import (
    EMAIL,
    NAME,
    REQUEST,
    Asked,
    body,
    interview,
    problem,
    said,
    tool,
    vendor,
)


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
        assert "336" in said(caught.value)
    assert seen == []


def test_a_link_is_never_made_without_a_lifetime() -> None:
    with vendor(lambda name, asked: body(createLiveInterview=interview())) as seen:
        with pytest.raises(Refused) as caught:
            tool().create_link(replace(REQUEST, lifetime=None))
        assert caught.value.code == "lifetime"
    assert seen == []


def test_an_edit_leaves_the_lifetime_and_takes_a_removed_address_away() -> None:
    with vendor(lambda name, asked: body(editLiveInterview=interview())) as seen:
        tool().update_link("live1", replace(REQUEST, lifetime=None, candidate_email=""))
    assert "expirationTime" not in seen[0][1]["fields"]
    assert seen[0][1]["fields"]["candidateEmail"] is None


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
