"""Answers reach a person: as the settings promise, as the preview says, by mail and from calendars."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from django.test import Client

from organizations.models import Organization, User
from scheduling.messages import delivery as message_delivery
from scheduling.messages import queueing
from scheduling.models import Schedule
from tests.conftest import Team
from tests.scheduling.message_steps import calendars, composed, interview, move, propose, send, staffed_loop
from tests.scheduling.test_ics import lines_named
from tests.scheduling.test_messages_calendar import organizers

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding")


def words_of(page: str) -> str:
    return " ".join(unescape(page).replace("<bdi>", "").replace("</bdi>", "").split())


@pytest.mark.parametrize(
    "name",
    [
        "Robin Becker",
        "Zoë Ångström",
        "渡辺 由紀",
        "محمد علي",
        'Ann "Annie" Lee',
        "Becker, Robin",
        "Robin <script>",
        "R" * 150,
        "Dr. med. Änne-Katharina Freifrau von und zu Hohenstein-Wittgenstein",
    ],
)
def test_without_an_address_of_the_organization_answers_go_to_who_sends(
    team: Team, schedule: Schedule, as_recruiter: Client, name: str
) -> None:
    User.objects.filter(pk=team.recruiter.user.pk).update(name=name)
    team.recruiter.user.refresh_from_db()
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    page = as_recruiter.get(team.url(f"messages/{draft.pk}/"), headers={"HX-Request": "true"}).content.decode()
    assert f'Reply-To</dt> <dd class="col-sm-9 text-break-anywhere"> {name} <recruiter@acme.example>' in words_of(page)
    for found in send(schedule, team):
        (answers,) = found["Reply-To"].addresses
        assert answers.addr_spec == "recruiter@acme.example"
        assert answers.display_name.replace(" ", "") == name.replace(" ", "")
        assert found["From"].addresses[0].addr_spec == "panelist@testserver"


def test_the_organizations_own_address_comes_first(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    Organization.objects.filter(pk=team.organization.pk).update(reply_to="jobs@acme.example")
    propose(schedule, team)
    draft = schedule.messages.get(audience="candidate")
    page = as_recruiter.get(team.url(f"messages/{draft.pk}/"), headers={"HX-Request": "true"}).content.decode()
    assert "jobs@acme.example" in page and "recruiter@acme.example" not in page
    for found in send(schedule, team):
        assert found["Reply-To"] == "jobs@acme.example"
        assert organizers([found]) == {"jobs@acme.example"}


def test_who_sends_is_who_reads_answers_not_who_prepared(team: Team, schedule: Schedule) -> None:
    propose(schedule, team)
    picks = {pk: content.digest for pk, content in composed(schedule, replace(team, recruiter=team.admin)).items()}
    # What the recruiter was shown would go to the recruiter: an admin can't send it unread.
    mine = {pk: content.digest for pk, content in composed(schedule, team).items()}
    with pytest.raises(queueing.NotQueued):
        queueing.queue_messages(schedule=schedule, actor=team.admin.user, picks=mine)
    for message in queueing.queue_messages(schedule=schedule, actor=team.admin.user, picks=picks):
        message_delivery.deliver(message.pk)
    assert {message.sender["reply_to"] for message in schedule.messages.all()} == {"admin@acme.example"}


def test_calendars_answer_where_mail_is_answered(team: Team, schedule: Schedule) -> None:
    for found in send(schedule, team):
        (body,) = calendars(found)
        assert lines_named(body, "ORGANIZER") == [
            'ORGANIZER;CN="Recruiter Acme";SENT-BY="mailto:panelist@testserver":mailto:recruiter@acme.example'
        ]


def test_an_event_keeps_its_organizer_when_somebody_else_sends(team: Team, schedule: Schedule) -> None:
    assert organizers(send(schedule, team)) == {"recruiter@acme.example"}
    move(interview(schedule, "Coding"), hours=1)
    propose(schedule, team)
    later = send(schedule, replace(team, recruiter=team.admin))
    assert organizers(later) == {"recruiter@acme.example"}
    assert {found["Reply-To"].addresses[0].addr_spec for found in later} == {"admin@acme.example"}
