"""Messages of a schedule: the candidate's in the organization's language, an interviewer's in their own."""

from __future__ import annotations

import pytest
from django.utils import translation

from organizations.models import Organization, User
from scheduling.messages import templates
from scheduling.models import MessageKind, Schedule
from tests.conftest import Team
from tests.scheduling.message_steps import composed, propose, staffed_loop

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding")


def languages(schedule: Schedule, team: Team) -> dict[str, str]:
    """The language of each draft's HTML, by audience, whatever language the reader of the preview speaks."""
    schedule.refresh_from_db()
    found = {}
    for reading in ("en", "de"):
        with translation.override(reading):
            contents = composed(schedule, team).values()
        texts = {
            content.kind.audience.value: (content.rendered.html.split('lang="')[1][:2], content.digest)
            for content in contents
        }
        found[reading] = texts
    assert found["en"] == found["de"]
    return {audience: code for audience, (code, _digest) in found["en"].items()}


def test_candidates_read_the_organization_s_and_interviewers_their_own(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    assert languages(schedule, team) == {"candidate": "en", "interviewer": "en"}
    User.objects.filter(pk=team.interviewer.user_id).update(language="de")
    assert languages(schedule, team) == {"candidate": "en", "interviewer": "de"}
    Organization.objects.update(language="de")
    User.objects.update(language="en")
    schedule = Schedule.objects.get(pk=schedule.pk)
    assert languages(schedule, team) == {"candidate": "de", "interviewer": "en"}


def test_what_the_organization_wrote_goes_out_in_its_language_as_a_whole(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    User.objects.filter(pk=team.interviewer.user_id).update(language="de")
    templates.save(
        organization=team.organization,
        actor=team.admin.user,
        kind=MessageKind.INTERVIEWER_INVITATION,
        subject="Interview",
        body="Hello {first_name}, {interviews}",
    )
    assert languages(schedule, team) == {"candidate": "en", "interviewer": "en"}
