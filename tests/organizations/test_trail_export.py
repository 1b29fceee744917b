"""The trail is taken out as CSV or JSON Lines, and kept as long as the organization says."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from organizations import trail_retention
from organizations.audit import Person, record
from organizations.models import AuditEvent, Organization
from organizations.tasks import delete_expired_trail
from organizations.trail_export import COLUMNS
from tests.conftest import Team
from tests.reading import reading

pytestmark = pytest.mark.django_db

HERE = "settings/security/export/"
ATTACK = "=cmd|' /C calc'!A0"


def note(team: Team, job: str, **columns: object) -> AuditEvent:
    return AuditEvent.objects.create(
        organization=team.organization,
        actor=team.recruiter.user,
        action="job.created",
        subject_type="job",
        subject_id=7,
        detail={"job": job},
        **columns,
    )


def content(response: HttpResponseBase) -> str:
    assert isinstance(response, StreamingHttpResponse)
    assert response.status_code == 200
    return response.getvalue().decode()


def test_csv_follows_the_filter_and_runs_nothing(team: Team, other_team: Team, as_admin: Client) -> None:
    note(team, "Cook")
    note(team, "Baker")
    note(other_team, "Cook of others")
    record(
        organization=team.organization,
        actor=None,
        action="interview.moved",
        subject=team.organization,
        person=Person("candidate", 1),
        texts={"interview": "Cook", "note": f"x;{ATTACK}"},
    )
    team.recruiter.user.name = ATTACK
    team.recruiter.user.save()
    response = as_admin.post(team.url(f"{HERE}?q=cook&order=when"), {"format": "csv"})
    assert response["Cache-Control"] == "private, no-store"
    assert f'filename="activity-acme-{timezone.localdate()}.csv"' in response["Content-Disposition"]
    text = content(response)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["event"], row["actor"]) for row in rows] == [("Created the job “Cook”", f"'{ATTACK}")]
    assert json.loads(rows[0]["detail"]) == {"job": "Cook"}
    whole = content(as_admin.post(team.url(f"{HERE}?about=schedules"), {"format": "csv"}))
    assert f"x;'{ATTACK}" in whole
    assert '";=' not in whole and ",=" not in whole


def test_json_lines_are_one_row_a_line(team: Team, as_admin: Client) -> None:
    note(team, "Koch für “Süßes”\n")
    lines = content(as_admin.post(team.url(HERE), {"format": "jsonl"})).splitlines()
    [row] = [json.loads(line) for line in lines]
    assert tuple(row) == COLUMNS
    assert (row["action"], row["actor"]) == ("job.created", "Recruiter Acme")
    assert row["detail"] == {"job": "Koch für “Süßes”\n"}


def test_an_export_is_a_row_itself(team: Team, as_admin: Client) -> None:
    note(team, "Cook")
    assert "organization.trail_exported" not in content(as_admin.post(team.url(HERE), {"format": "jsonl"}))
    event = AuditEvent.objects.get(action="organization.trail_exported")
    assert (event.actor, event.detail) == (team.admin.user, {"count": 1, "format": "jsonl"})
    assert "Exported 1 row of this list" in as_admin.get(team.url("settings/security/")).content.decode()


def test_only_admins_take_it_and_only_by_a_button(
    team: Team, as_admin: Client, as_recruiter: Client, as_interviewer: Client, as_outsider: Client
) -> None:
    address = team.url(HERE)
    for client, status in ((as_recruiter, 403), (as_interviewer, 403), (as_outsider, 404)):
        assert client.post(address, {"format": "csv"}).status_code == status
    assert as_admin.get(address)["Location"] == team.url("settings/security/")
    assert as_admin.post(address, {"format": "xlsx"}).status_code == 404
    assert not AuditEvent.objects.exists()
    assert "Export CSV" not in as_recruiter.get(team.url("settings/security/")).content.decode()


def test_names_are_looked_up_by_the_chunk(
    team: Team, as_admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(120):
        note(team, f"Job {number}")
    with django_assert_max_num_queries(15):
        assert len(content(as_admin.post(team.url(HERE), {"format": "jsonl"})).splitlines()) == 120


def test_the_setting_is_for_admins_and_recorded(team: Team, as_admin: Client, as_recruiter: Client) -> None:
    address = team.url("settings/security/keep/")
    assert as_recruiter.post(address, {"trail_months": "6"}).status_code == 403
    assert as_admin.post(address, {"trail_months": "7"}).status_code == 422
    assert as_admin.post(address, {"trail_months": "12"}, follow=True).status_code == 200
    as_admin.post(address, {"trail_months": "12"})
    assert Organization.objects.get().trail_months == 12
    event = AuditEvent.objects.get()
    assert event.detail == {"months": 12, "former_months": 0}
    page = as_admin.get(team.url("settings/security/")).content.decode()
    assert "Changed how long this list is kept: For ever → 1 year" in page
    assert '<option value="12" selected>' in page


def test_what_is_older_goes_and_only_that(team: Team, other_team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail_retention, "BATCH", 2)
    year = timezone.now() - timedelta(days=365)
    for number in range(5):
        note(team, f"Old {number}", created_at=year - timedelta(minutes=number + 1))
    note(team, "Young", created_at=year + timedelta(hours=1))
    note(other_team, "Old of others", created_at=year - timedelta(days=3000))
    AuditEvent.objects.create(
        organization=team.organization,
        action="demo.made",
        subject_type="organization",
        subject_id=1,
        created_at=year - timedelta(days=1),
    )
    delete_expired_trail()
    assert AuditEvent.objects.count() == 8
    Organization.objects.filter(pk=team.organization.pk).update(trail_months=12)
    delete_expired_trail()
    assert list(AuditEvent.objects.order_by("id").values_list("detail__job", flat=True)) == [
        "Young",
        "Old of others",
        None,
    ]


def test_beat_deletes_each_hour() -> None:
    assert "organizations.tasks.delete_expired_trail" in {
        entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()
    }


def test_what_other_organizations_keep_is_not_read_for_those_that_delete(team: Team, other_team: Team) -> None:
    past = timezone.now() - timedelta(days=900)
    AuditEvent.objects.bulk_create(
        AuditEvent(
            organization=other_team.organization,
            action="job.created",
            subject_type="job",
            subject_id=7,
            created_at=past,
        )
        for _number in range(1000)
    )
    note(team, "Engineer")
    Organization.objects.filter(pk=team.organization.pk).update(trail_months=12)
    with reading() as found:
        delete_expired_trail()
    assert sum(one.read for one in found.statements if "auditevent" in one.sql) < 500
    assert AuditEvent.objects.filter(organization=other_team.organization).count() >= 1000
