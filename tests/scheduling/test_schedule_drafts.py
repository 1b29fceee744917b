""" "New schedule" is kept on the server while it is typed, for its member alone, until it is saved or given up."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Job, Stage
from organizations.models import Membership
from scheduling import tasks
from scheduling.models import Candidate, FormDraft, Schedule
from tests.conftest import Team

pytestmark = pytest.mark.django_db

FIRST, SECOND = "a" * 32, "b" * 32
TYPED = {
    "candidate": "new",
    "new-name": "Grace Lin",
    "rows-count": "1",
    "rows-0-name": "Coding",
    "rows-0-place": "Room 7",
}


def write(
    client: Client, team: Team, *, form: str = FIRST, sequence: object = 1, page: str = "schedule-new", **more: str
) -> int:
    marks = {"part": "draft", "draft-page": page, "draft-form": form, "draft-sequence": str(sequence)}
    return client.post(team.url("schedules/new/"), TYPED | marks | more).status_code


def page_of(client: Client, team: Team, query: str = "") -> str:
    return " ".join(client.get(team.url(f"schedules/new/{query}")).content.decode().split())


def test_coming_back_finds_everything_as_typed(team: Team, as_recruiter: Client) -> None:
    assert "Room 7" not in page_of(as_recruiter, team)
    assert not FormDraft.objects.exists()  # reading the page writes nothing
    assert write(as_recruiter, team) == 204
    page = page_of(as_recruiter, team)
    assert 'value="Room 7"' in page
    assert 'value="Grace Lin"' in page
    assert re.search(r"data-saved=\"\d\d:\d\d\"", page)
    kept = FormDraft.objects.get()
    assert (kept.organization, kept.membership) == (team.organization, team.recruiter)
    assert not {"csrfmiddlewaretoken", "part", "draft-form"} & {pair.split("=")[0] for pair in kept.content.split("&")}


def test_on_another_machine_too_and_for_nobody_else(team: Team, other_team: Team, as_recruiter: Client) -> None:
    write(as_recruiter, team)
    assert 'value="Room 7"' in page_of(team.client(team.recruiter), team)
    assert 'value="Room 7"' not in page_of(team.client(team.admin), team)
    theirs = Membership.objects.create(organization=other_team.organization, user=team.recruiter.user, role="recruiter")
    assert 'value="Room 7"' not in page_of(other_team.client(theirs), other_team)


def test_who_may_not_schedule_may_not_keep(team: Team, as_interviewer: Client, as_outsider: Client) -> None:
    assert write(as_interviewer, team) == 403
    assert write(as_outsider, team) == 404
    assert not FormDraft.objects.exists()


def test_each_address_has_a_draft_of_its_own(team: Team, as_recruiter: Client) -> None:
    ada = Candidate.objects.create(organization=team.organization, name="Ada Osei")
    write(as_recruiter, team)
    assert 'value="Room 7"' not in page_of(as_recruiter, team, f"?candidate={ada.pk}")
    write(as_recruiter, team, page=f"schedule-new?candidate={ada.pk}", **{"rows-0-place": "Room 8"})
    assert 'value="Room 8"' in page_of(as_recruiter, team, f"?candidate={ada.pk}&utm=x")
    assert 'value="Room 7"' in page_of(as_recruiter, team)


def test_what_comes_late_overwrites_nothing(team: Team, as_recruiter: Client) -> None:
    write(as_recruiter, team, sequence=7)
    write(as_recruiter, team, sequence=6, **{"rows-0-place": "Room 6"})
    assert 'value="Room 7"' in page_of(as_recruiter, team)
    write(as_recruiter, team, sequence=8, **{"rows-0-place": "Room 8"})
    assert 'value="Room 8"' in page_of(as_recruiter, team)
    write(as_recruiter, team, form=SECOND, sequence=1, **{"rows-0-place": "Room 1"})
    assert 'value="Room 1"' in page_of(as_recruiter, team)


def test_starting_over_empties_it_for_good(team: Team, as_recruiter: Client) -> None:
    page = "schedule-new?job=7"
    write(as_recruiter, team, page=page)
    sent = {"part": "start-over", "draft-page": page, "draft-form": FIRST}
    answer = as_recruiter.post(team.url("schedules/new/"), sent)
    assert answer["Location"] == team.url("schedules/new/?job=7")
    write(as_recruiter, team, page=page, sequence=99)  # was on its way already
    assert FormDraft.objects.get().content == ""
    assert 'value="Room 7"' not in page_of(as_recruiter, team, "?job=7")
    write(as_recruiter, team, page=page, form=SECOND)
    assert 'value="Room 7"' in page_of(as_recruiter, team, "?job=7")


def test_starting_over_leads_nowhere_else(team: Team, as_recruiter: Client) -> None:
    for page in ("https://evil.example/", "x?next=//evil.example", "?job=" + "9" * 500, "\x00"):
        answer = as_recruiter.post(team.url("schedules/new/"), {"part": "start-over", "draft-page": page})
        assert answer["Location"] == team.url("schedules/new/")


def test_saving_empties_it(team: Team, as_recruiter: Client) -> None:
    job = Job.objects.create(organization=team.organization, title="Engineer")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    day = timezone.localdate() + timedelta(days=7)
    day -= timedelta(days=day.weekday())
    whole = {
        "job": str(job.pk),
        "stage": str(stage.pk),
        "time_zone": "Europe/Berlin",
        "new-time_zone": "Europe/Berlin",
        "rows-0-kind": "video",
        "rows-0-minutes": "60",
        "rows-0-date": (day + timedelta(days=7)).isoformat(),
        "rows-0-time": "10:00",
    }
    write(as_recruiter, team, **whole)
    marks = {"draft-page": "schedule-new", "draft-form": FIRST}
    refused = as_recruiter.post(team.url("schedules/new/"), TYPED | whole | marks | {"rows-0-name": ""})
    assert refused.status_code == 422
    assert 'value="Room 7"' in page_of(as_recruiter, team)
    assert as_recruiter.post(team.url("schedules/new/"), TYPED | whole | marks).status_code == 302
    assert Schedule.objects.count() == 1
    assert FormDraft.objects.get().content == ""
    assert "Room 7" not in page_of(as_recruiter, team)


@pytest.mark.parametrize(
    "broken",
    [
        {"draft-sequence": "²"},
        {"draft-sequence": "9" * 5000},
        {"draft-form": "short"},
        {"draft-form": "²" * 32},
        {"draft-page": ""},
        {"draft-page": "x" * 121},
        {"draft-page": "\x00"},
        {"new-name": "x" * 400_001},
    ],
    ids=str,
)
def test_nonsense_is_not_kept(team: Team, as_recruiter: Client, broken: dict[str, str]) -> None:
    marks = {"part": "draft", "draft-page": "schedule-new", "draft-form": FIRST, "draft-sequence": "1"}
    assert as_recruiter.post(team.url("schedules/new/"), TYPED | marks | broken).status_code == 204
    assert not FormDraft.objects.exists()


def test_nonsense_in_a_draft_opens_all_the_same(team: Team, as_recruiter: Client) -> None:
    write(as_recruiter, team, **{"rows-count": "²", "stage": "9" * 50, "time_zone": "Mars", "rows-kept": "stage=%00&%"})
    assert as_recruiter.get(team.url("schedules/new/")).status_code == 200


def test_old_drafts_are_forgotten(team: Team, as_recruiter: Client) -> None:
    write(as_recruiter, team)
    FormDraft.objects.update(updated_at=timezone.now() - timedelta(days=30))
    assert 'value="Room 7"' not in page_of(as_recruiter, team)
    tasks.forget_candidate_imports()
    assert not FormDraft.objects.exists()


def test_drafts_go_with_their_member(team: Team, as_recruiter: Client) -> None:
    write(as_recruiter, team)
    Membership.objects.get(pk=team.recruiter.pk).delete()
    assert not FormDraft.objects.exists()
