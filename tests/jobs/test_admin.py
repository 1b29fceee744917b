"""Jobs in the Django admin."""

from __future__ import annotations

import pytest
from django.test import Client

from organizations.models import User
from tests.conftest import Team
from tests.jobs.rows import make_interview

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", ["job", "stage", "interviewplan", "planinterview"])
def test_superusers_find_and_open_every_row(client: Client, team: Team, model: str) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "demo", name="Root"))
    interview = make_interview(team)
    stage = interview.plan.stage
    pks = {"job": stage.job_id, "stage": stage.pk, "interviewplan": interview.plan_id, "planinterview": interview.pk}
    page = client.get(f"/admin/jobs/{model}/", {"q": "e"}).content.decode()
    assert f"/admin/jobs/{model}/{pks[model]}/change/" in page
    assert client.get(f"/admin/jobs/{model}/{pks[model]}/change/").status_code == 200
