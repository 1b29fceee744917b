"""The addresses of jobs open for recruiters and admins of the organization, and for nobody else."""

from __future__ import annotations

import pytest
from django.test import Client

from organizations.models import AuditEvent
from tests.conftest import Team
from tests.jobs.rows import make_job, make_stage

pytestmark = pytest.mark.django_db

# Address, method, what is sent, and the status that a recruiter and an admin get.
ADDRESSES = [
    ("jobs/", "get", {}, 200),
    ("jobs/new/", "get", {}, 200),
    ("jobs/new/", "post", {"title": "New"}, 302),
    ("jobs/{job}/", "get", {}, 200),
    ("jobs/{job}/edit/", "get", {}, 200),
    ("jobs/{job}/edit/", "post", {"title": "Other"}, 302),
    ("jobs/{job}/duplicate/", "get", {}, 200),
    ("jobs/{job}/duplicate/", "post", {"title": "Other"}, 302),
    ("jobs/{job}/restore/", "post", {}, 302),
    ("jobs/stages/{stage}/duplicate/", "post", {}, 302),
    ("jobs/{job}/state/", "post", {"state": "closed"}, 302),
    ("jobs/{job}/delete/", "get", {}, 200),
    ("jobs/{job}/delete/", "post", {}, 302),
    ("jobs/{job}/stages/new/", "get", {}, 200),
    ("jobs/{job}/stages/new/", "post", {"name": "New"}, 302),
    ("jobs/stages/{stage}/edit/", "get", {}, 200),
    ("jobs/stages/{stage}/edit/", "post", {"name": "Other"}, 302),
    ("jobs/stages/{stage}/move/", "post", {"direction": "down"}, 302),
    ("jobs/stages/{stage}/remove/", "get", {}, 200),
    ("jobs/stages/{stage}/remove/", "post", {}, 302),
    ("jobs/{job}/stages/order/", "post", {}, 302),
    ("jobs/stages/{stage}/interviews/order/", "post", {}, 302),
    ("jobs/stages/{stage}/interviews/new/", "get", {}, 200),
    (
        "jobs/stages/{stage}/interviews/new/",
        "post",
        {"name": "New", "minutes": 30, "interviewer_count": 1, "kind": "video"},
        302,
    ),
    ("jobs/interviews/{interview}/edit/", "get", {}, 200),
    (
        "jobs/interviews/{interview}/edit/",
        "post",
        {"name": "Other", "minutes": 30, "interviewer_count": 1, "kind": "video"},
        302,
    ),
    ("jobs/interviews/{interview}/move/", "post", {"direction": "down"}, 302),
    ("jobs/interviews/{interview}/remove/", "get", {}, 200),
    ("jobs/interviews/{interview}/remove/", "post", {}, 302),
    ("jobs/interviews/{interview}/default-link/", "get", {}, 200),
    ("jobs/interviews/{interview}/default-link/", "post", {"default": "off"}, 302),
    ("jobs/interviews/{interview}/template/", "get", {}, 200),
    ("jobs/interviews/{interview}/template/", "post", {"template": ""}, 422),  # nothing is connected
]
each_address = pytest.mark.parametrize(("address", "method", "sent", "status"), ADDRESSES)


@pytest.fixture
def path(team: Team) -> dict[str, int]:
    stage = make_stage(make_job(team), interviews=["Coding", "System design"])
    make_stage(stage.job, "Final round")
    return {"job": stage.job_id, "stage": stage.pk, "interview": stage.plan.interviews.order_by("position")[0].pk}


def ask(client: Client, url: str, method: str, sent: dict[str, object]) -> int:
    return int((client.post(url, sent) if method == "post" else client.get(url)).status_code)


@each_address
@pytest.mark.parametrize("who", ["as_recruiter", "as_admin"])
def test_recruiters_and_admins_may(
    request: pytest.FixtureRequest,
    team: Team,
    path: dict[str, int],
    who: str,
    address: str,
    method: str,
    sent: dict[str, object],
    status: int,
) -> None:
    client: Client = request.getfixturevalue(who)
    assert ask(client, team.url(address.format(**path)), method, sent) == status


@each_address
def test_interviewers_may_not(
    as_interviewer: Client,
    team: Team,
    path: dict[str, int],
    address: str,
    method: str,
    sent: dict[str, object],
    status: int,
) -> None:
    assert ask(as_interviewer, team.url(address.format(**path)), method, sent) == 403
    assert not AuditEvent.objects.exists()


@each_address
def test_outsiders_learn_nothing(
    as_outsider: Client,
    team: Team,
    path: dict[str, int],
    address: str,
    method: str,
    sent: dict[str, object],
    status: int,
) -> None:
    assert ask(as_outsider, team.url(address.format(**path)), method, sent) == 404
    assert not AuditEvent.objects.exists()


@each_address
def test_another_organizations_rows_do_not_exist_under_ones_own_address(
    as_outsider: Client,
    other_team: Team,
    path: dict[str, int],
    address: str,
    method: str,
    sent: dict[str, object],
    status: int,
) -> None:
    if "{" not in address:
        assert ask(as_outsider, other_team.url(address), method, sent) == status
        return
    assert ask(as_outsider, other_team.url(address.format(**path)), method, sent) == 404
    assert not AuditEvent.objects.exists()


def test_visitors_are_asked_to_sign_in(client: Client, team: Team, path: dict[str, int]) -> None:
    for address, _method, _sent, _status in ADDRESSES:
        response = client.get(team.url(address.format(**path)))
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")


def test_changes_need_a_post(as_recruiter: Client, team: Team, path: dict[str, int]) -> None:
    for address in ("jobs/{job}/state/", "jobs/stages/{stage}/move/", "jobs/interviews/{interview}/move/"):
        page = as_recruiter.get(team.url(address.format(**path)))["Location"]
        assert page == team.url(f"jobs/{path['job']}/")
