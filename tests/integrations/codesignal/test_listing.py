"""Look-ups by address, listings and templates: paged, bounded, and honest about what may be missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.base import (
    Template,
)
from tests.integrations.codesignal.vendor_answers import (
    EMAIL,
    Asked,
    body,
    interview,
    tool,
    vendor,
)


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
        templates = tool().list_templates()
    assert templates == [
        Template("t0-Zeta", "Zeta"),
        Template("t0-None", "t0-None"),
        Template("t0-Alpha", "Alpha", is_default=True),
        Template("t100-Beta", "Beta"),
    ]
    assert [asked for _, asked in seen] == [
        {"first": 100, "offset": 0},
        {"first": 100, "offset": 100},
    ]
