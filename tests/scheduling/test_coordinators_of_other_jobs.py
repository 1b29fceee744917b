"""Coordinators meet other jobs: busy times without reasons, and interviews of their own there."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from organizations.models import Membership
from scheduling.models import Candidate, Interview, InterviewerAssignment, JoinLink, Schedule
from tests.conftest import Team
from tests.scheduling.test_coordinators import (  # noqa: F401
    FOREIGN,
    HOUR,
    NOW,
    Work,
    client,
    clock,
    coordinator,
    foreign,
    mine,
    nothing_foreign,
    read,
    shared,
    typed,
)

pytestmark = pytest.mark.django_db


def test_other_jobs_keep_people_busy_without_saying_why(
    team: Team,
    client: Client,  # noqa: F811
    mine: Work,  # noqa: F811
    foreign: Work,  # noqa: F811
    shared: Candidate,  # noqa: F811
) -> None:
    busy = {"rows-0-interviewers": [str(team.interviewer.pk)]}
    answer = client.post(team.url("schedules/new/"), typed(mine, str(shared.pk), **busy))
    assert answer.status_code == 422
    page = unescape(answer.content.decode()).replace("\u2068", "").replace("\u2069", "")
    assert "Interviewer Acme is busy (Mon 1 Mar 2027, 14:00–15:00)." in page
    assert "The candidate is busy with an interview for another job" in page
    nothing_foreign(page)
    found = client.post(
        team.url("schedules/new/"),
        typed(mine, str(mine.candidate.pk)) | {"part": "people", "row": "0", "rows-0-find": "Interviewer"},
    )
    assert "busy 14:00–15:00" in found.content.decode()
    nothing_foreign(unescape(found.content.decode()))


def test_recruiters_read_what_keeps_people_busy(team: Team, mine: Work, shared: Candidate) -> None:  # noqa: F811
    busy = {"rows-0-interviewers": [str(team.interviewer.pk)]}
    recruiter = team.client(team.recruiter)
    answer = recruiter.post(team.url("schedules/new/"), typed(mine, str(mine.candidate.pk), **busy))
    page = unescape(answer.content.decode()).replace("\u2068", "").replace("\u2069", "")
    assert "Interviewer Acme is busy: “Feeding” with Cem Both" in page


def test_the_day_view_shows_busy_times_of_all_jobs(team: Team, client: Client, shared: Candidate) -> None:  # noqa: F811
    asked: dict[str, str | int] = {
        "entry_zone": "Europe/Berlin",
        "day": "2027-03-01",
        "people": team.interviewer.pk,
        "candidate": shared.pk,
    }
    answer = client.get(team.url("schedules/new/day/"), asked)
    blocks = [block for column in answer.json()["columns"] for block in column["blocks"]]
    busy = [block["starts_at"] for block in blocks if block["kind"] == "busy"]
    assert busy.count("2027-03-01T13:00:00Z") == 2
    nothing_foreign(answer.content.decode())


def test_history_names_no_conflict_with_another_job(team: Team, client: Client, mine: Work, shared: Candidate) -> None:  # noqa: F811
    """Booked by a recruiter in spite of an interview of the other job."""
    sent = typed(mine, str(mine.candidate.pk)) | {"rows-0-interviewers": [str(team.interviewer.pk)]}
    recruiter = team.client(team.recruiter)
    page = recruiter.post(team.url("schedules/new/"), sent).content.decode()
    tokens = re.findall(r'name="(rows-0-overrides?)"\s+value="([^"]+)"', page)
    assert tokens, "there is a conflict to override"
    recruiter.post(team.url("schedules/new/"), sent | {tokens[0][0]: [token for _name, token in tokens]})
    path = f"schedules/{Schedule.objects.latest('id').pk}/history/"
    page = read(client, team, path)
    assert "Scheduled anyway" in page
    nothing_foreign(page, [*FOREIGN, "Cem Both"])


@pytest.fixture
def elsewhere(team: Team, coordinator: Membership, foreign: Work) -> Interview:  # noqa: F811
    """An interview of another job in which the coordinator interviews, beside one in which they don't."""
    seat = Interview.objects.create(
        organization=team.organization,
        schedule=foreign.schedule,
        name="Swimming",
        starts_at=NOW + 8 * HOUR,
        ends_at=NOW + 9 * HOUR,
        place="https://meet.example/own",
    )
    InterviewerAssignment.objects.create(interview=seat, membership=coordinator)
    Schedule.objects.filter(pk=foreign.schedule.pk).update(last_ends_at=NOW + 9 * HOUR)
    return seat


def test_in_another_job_they_are_an_interviewer(
    team: Team,
    client: Client,  # noqa: F811
    mine: Work,  # noqa: F811
    foreign: Work,  # noqa: F811
    elsewhere: Interview,
) -> None:
    page = read(client, team, f"schedules/{foreign.schedule.pk}/")
    assert "Swimming" in page and "https://meet.example/own" in page
    assert "Feeding" not in page and "bob@example.com" not in page
    for word in ("Add interview", "Cancel schedule", "Communications", "Delete"):
        assert word not in page
    own = read(client, team, f"schedules/{mine.schedule.pk}/")
    assert "Add interview" in own and "Communications" in own
    for path in ("communications/", "history/", "messages/", "cancel/"):
        assert client.get(team.url(f"schedules/{foreign.schedule.pk}/{path}")).status_code == 404
    assert client.get(team.url(f"interviews/{elsewhere.pk}/edit/")).status_code == 404


def test_lists_hold_their_own_part_of_another_job(
    team: Team,
    client: Client,  # noqa: F811
    mine: Work,  # noqa: F811
    foreign: Work,  # noqa: F811
    elsewhere: Interview,
) -> None:
    """With the time of their own interview there, 15:00 in UTC, and of the whole schedule of their own job."""
    page = read(client, team, "schedules/")
    assert "Ada Own" in page and "Bob Foreign" in page
    assert "15:00" in page and "10:00" in page and "13:00" not in page
    assert "Bob Foreign" in read(client, team, "schedules/", q="Bob")
    assert "Bob Foreign" not in read(client, team, "schedules/", state="done")
    home = read(client, team, "home/")
    assert "Swimming" in home and "Kneading" in home and "Feeding" not in home
    assert f"schedules/{foreign.schedule.pk}/messages/" not in home
    assert f"schedules/{mine.schedule.pk}/messages/" in home


def test_a_cancelled_seat_of_another_job_is_listed_as_cancelled(
    team: Team,
    client: Client,  # noqa: F811
    elsewhere: Interview,
) -> None:
    Interview.objects.filter(pk=elsewhere.pk).update(state="cancelled")
    assert "Bob Foreign" not in read(client, team, "schedules/")
    assert "Bob Foreign" in read(client, team, "schedules/", show="cancelled")


def test_they_get_into_their_own_interview(
    team: Team,
    client: Client,  # noqa: F811
    coordinator: Membership,  # noqa: F811
    elsewhere: Interview,
) -> None:
    JoinLink.objects.create(
        organization=team.organization, interview=elsewhere, membership=coordinator, token_hash="1", token="their-own"
    )
    assert client.get(team.url(f"interviews/{elsewhere.pk}/join/"))["Location"] == "/join/their-own/"
