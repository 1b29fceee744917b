"""A member's saved filters of a list: kept, renamed and deleted, and nobody else's."""

from __future__ import annotations

import pytest
from django.test import Client

from organizations.models import AuditEvent, SavedFilter
from organizations.saved_filters import MOST, kept_part
from tests.conftest import Team

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def send(client: Client, team: Team, page: str = "schedules", **data: object) -> tuple[int, str]:
    response = client.post(team.url(f"filters/{page}/"), data, headers=HTMX)
    return response.status_code, response.content.decode()


def add(client: Client, team: Team, name: str, query: str = "made_by=me") -> int:
    return send(client, team, do="add", name=name, query=query)[0]


def test_a_filter_is_kept_and_stands_in_its_list(team: Team, as_recruiter: Client) -> None:
    response = as_recruiter.post(
        team.url("filters/schedules/"),
        {"do": "add", "name": "My open loops", "query": "made_by=me&page=3"},
        headers=HTMX,
    )
    assert response["HX-Redirect"] == team.url("schedules/?made_by=me")
    page = as_recruiter.get(team.url("schedules/")).content.decode()
    assert '?made_by=me"><bdi>My open loops</bdi>' in page
    assert "My open loops" not in as_recruiter.get(team.url("candidates/")).content.decode()
    assert not AuditEvent.objects.exists()


def test_words_of_a_search_are_not_kept() -> None:
    assert kept_part("q=Ada+Osei&state=done&order=-at&page=2&job=&csrfmiddlewaretoken=x") == "state=done&order=-at"
    assert kept_part("&&==%ff") == ""


def test_rename_and_delete(team: Team, as_recruiter: Client) -> None:
    add(as_recruiter, team, "One")
    saved = SavedFilter.objects.get()
    assert send(as_recruiter, team, do="rename", filter=saved.pk, name="Two")[0] == 200
    saved.refresh_from_db()
    assert saved.name == "Two"
    assert send(as_recruiter, team, do="delete", filter=saved.pk)[0] == 200
    assert not SavedFilter.objects.exists()


def test_a_name_twice_an_empty_one_and_too_many_are_refused(team: Team, as_recruiter: Client) -> None:
    for number in range(MOST):
        assert add(as_recruiter, team, f"Filter {number}") == 204 or SavedFilter.objects.count() == number + 1
    status, text = send(as_recruiter, team, do="add", name="One more", query="state=done")
    assert (status, SavedFilter.objects.count()) == (422, MOST)
    first = SavedFilter.objects.order_by("pk")[0]
    status, text = send(as_recruiter, team, do="rename", filter=first.pk, name="Filter 7")
    assert status == 422 and "You have a filter with this name." in text
    status, text = send(as_recruiter, team, do="rename", filter=first.pk, name=" ")
    assert status == 422
    first.refresh_from_db()
    assert first.name == "Filter 0"


def test_nobody_reaches_anothers(team: Team, as_recruiter: Client, as_admin: Client, other_team: Team) -> None:
    add(as_recruiter, team, "Mine")
    pk = SavedFilter.objects.get().pk
    assert "Mine" not in as_admin.get(team.url("filters/schedules/")).content.decode()
    for client, where in ((as_admin, team), (other_team.client(other_team.admin), other_team)):
        for do in ("rename", "delete"):
            assert send(client, where, do=do, filter=pk, name="Theirs")[0] == 404
    assert SavedFilter.objects.get().name == "Mine"


@pytest.mark.parametrize("data", [{"do": "x"}, {}, {"do": "delete"}, {"do": "delete", "filter": "x"}])
def test_what_makes_no_sense_is_not_found(data: dict[str, str], team: Team, as_recruiter: Client) -> None:
    assert send(as_recruiter, team, **data)[0] == 404
    assert as_recruiter.get(team.url("filters/elsewhere/")).status_code == 404
