"""Lists as every page shows them: heads that sort, an address that makes no sense, and rows that keep their places."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from organizations.lists import Column, Order, Sorts, heads
from organizations.permissions import Permission, rights_of
from scheduling.models import Candidate
from tests.conftest import Team

pytestmark = pytest.mark.django_db

#: Of each list: its address, the name of a column to sort by, and the field by which the rows then rise.
LISTS = [("schedules/", "candidate"), ("candidates/", "job"), ("jobs/", "schedules"), ("settings/members/", "role")]


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def people(team: Team, *names: str) -> None:
    for name in names:
        Candidate.objects.create(organization=team.organization, name=name)


def names_on(client: Client, address: str) -> list[str]:
    return [row.name for row in client.get(address).context["page"].object_list]


def test_a_head_sorts_both_ways_and_keeps_the_filter(team: Team, as_recruiter: Client) -> None:
    people(team, "Ben", "Ada", "Cem")
    asked = team.url("candidates/?q=e&page=1")
    assert re.search(
        r'aria-sort="ascending">\s*<a class="list-sort" href="\?q=e&amp;order=-name"', page(as_recruiter, asked)
    )
    assert names_on(as_recruiter, asked) == ["Ben", "Cem"]
    turned = team.url("candidates/?q=e&order=-name")
    assert 'aria-sort="descending"' in page(as_recruiter, turned)
    assert names_on(as_recruiter, turned) == ["Cem", "Ben"]
    # What is newest or most is looked for first, so the first click shows it.
    assert "?q=e&amp;order=-added" in page(as_recruiter, turned)
    assert names_on(as_recruiter, team.url("candidates/?order=-added")) == ["Cem", "Ada", "Ben"]


@pytest.mark.parametrize(("address", "column"), LISTS)
def test_every_list_says_how_it_is_sorted(address: str, column: str, team: Team, as_recruiter: Client) -> None:
    people(team, "Ada")
    for asked in (column, f"-{column}"):
        shown = as_recruiter.get(team.url(address), {"order": asked}).context["heads"]
        [head] = [one for one in shown if one.sorted]
        assert Order.read(head.next).name == column
        assert head.sorted == ("descending" if asked[0] == "-" else "ascending")


@pytest.mark.parametrize("address", [address for address, _column in LISTS])
@pytest.mark.parametrize("query", ["order=xyz", "order=--name", "order=-", "page=-1", "page=0", "page=x", "page=1e3"])
def test_an_address_that_makes_no_sense_shows_the_list_as_it_opens(
    query: str, address: str, team: Team, as_recruiter: Client
) -> None:
    people(team, "Ada")
    opened, shown = (as_recruiter.get(team.url(address) + asked) for asked in ("", f"?{query}"))
    assert shown.status_code == 200
    assert [one.sorted for one in shown.context["heads"]] == [one.sorted for one in opened.context["heads"]]
    if opened.context["page"].paginator.count:
        assert shown.context["page"].number == 1


def test_past_the_last_page_is_the_last(team: Team, as_recruiter: Client) -> None:
    people(team, *(f"Person {number:02}" for number in range(51)))
    assert names_on(as_recruiter, team.url("candidates/?page=9999999999999999999999")) == names_on(
        as_recruiter, team.url("candidates/")
    )
    assert names_on(as_recruiter, team.url("candidates/?page=999")) == ["Person 50"]


@pytest.mark.parametrize("order", ["job", "-job"])
def test_rows_that_are_alike_never_change_places_between_pages(order: str, team: Team, as_recruiter: Client) -> None:
    people(team, *(f"Person {number:02}" for number in range(60)))
    shown = [
        name
        for number in (1, 2)
        for name in names_on(as_recruiter, team.url(f"candidates/?order={order}&page={number}"))
    ]
    assert len(set(shown)) == 60


def test_a_reader_has_no_column_for_what_they_may_not(team: Team) -> None:
    columns = {"name": Column("Name", ["name"]), "actions": Column("Actions", needs=Permission.CHANGE_CANDIDATES)}
    for role, number in (("recruiter", 2), ("read_only", 1)):
        assert len(heads(columns, Order("name"), rights_of(role))) == number
    assert "Actions for" not in page(team.client(team.add("read_only")), team.url("candidates/"))


def test_what_has_no_value_comes_last_both_ways() -> None:
    column = Column("Job", ["job"], Sorts.BY_NAME, gaps=True)
    assert [str(one) for one in column.order(falls=True)][-1] == "-pk"
    assert all(
        one.nulls_last for falls in (True, False) for one in column.order(falls=falls) if not isinstance(one, str)
    )
