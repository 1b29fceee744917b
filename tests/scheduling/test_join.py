"""The join link: one stable address that leads to the current coding link."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from config.logs import logging_config
from organizations import branding
from organizations.models import Membership, Organization
from scheduling.join_links import services as join_link_services
from scheduling.models import Candidate, CodingLink, Interview, InterviewerAssignment, JoinLink, Message
from scheduling.schedules import interviews as interview_services
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.organizations.test_branding import give_logo
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.message_steps import staffed_loop

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime.now(UTC).replace(microsecond=0), tick=False) as traveller:
        yield traveller


@pytest.fixture
def interview(team: Team, clock: time_machine.Traveller) -> Interview:
    """An interview that starts in 24 hours and lasts one."""
    return make_loop(team, "Coding").interviews.get()


def page(client: Client, interview: Interview, **kwargs: object) -> str:
    return client.get(path(interview, **kwargs)).content.decode()


def address_of(interview: Interview, **kwargs: object) -> str:
    return join_link_services.address(join_link_services.join_link(interview=interview, **kwargs))  # type: ignore[arg-type]


def path(interview: Interview, **kwargs: object) -> str:
    return address_of(interview, **kwargs).removeprefix("http://testserver")


def ready(team: Team, interview: Interview, **fields: object) -> CodingLink:
    return make_link(interview, connect(team), "ready", **fields)


def test_each_person_has_one_address_that_stays(team: Team, interview: Interview) -> None:
    first = address_of(interview)
    assert address_of(interview) == first
    assert address_of(interview, membership=team.interviewer) != first
    token = first.rstrip("/").rpartition("/")[2]
    assert len(token) >= 32
    assert token not in str(JoinLink.objects.values_list("token_hash", flat=True).first())


def test_everybody_in_an_interview_has_one_from_the_moment_it_is_saved(team: Team, interview: Interview) -> None:
    def edit(*people: Membership) -> None:
        details = interview_services.InterviewDetails(
            interview.name, interview.kind, interview.starts_at, interview.ends_at, "", people
        )
        interview_services.edit_interview(
            interview=interview, details=details, actor=team.admin.user, reason=GivenReason()
        )

    def valid() -> dict[int | None, str]:
        return {link.membership_id: link.token for link in JoinLink.objects.filter(revoked_at__isnull=True)}

    edit(team.interviewer, team.recruiter)
    before = valid()
    assert set(before) == {None, team.interviewer.pk, team.recruiter.pk}
    edit(team.recruiter)
    edit(team.interviewer, team.recruiter, team.admin)
    assert {key: token for key, token in valid().items() if key != team.admin.pk} == before
    join_link_services.revoke(link=JoinLink.objects.get(membership=team.interviewer), actor=team.admin.user)
    edit(team.interviewer, team.recruiter)
    assert team.interviewer.pk not in valid(), "revoking is a person's decision"


class _AppsOfThen:
    """The models by the names that they had at that migration."""

    @staticmethod
    def get_model(label: str, name: str) -> type[Model]:
        return apps.get_model(label, {"Seat": "InterviewerAssignment"}.get(name, name))


def test_interviews_from_before_get_theirs_by_the_migration(team: Team, interview: Interview) -> None:
    InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer)
    own = join_link_services.join_link(interview=interview)
    past = make_loop(team, "Past", hours_ahead=-48)
    migration = import_module("scheduling.migrations.0010_missing_join_links")
    migration.make_missing(_AppsOfThen(), None)
    migration.make_missing(_AppsOfThen(), None)
    assert [link.membership_id for link in JoinLink.objects.order_by("id")] == [None, team.interviewer.pk]
    assert JoinLink.objects.first() == own
    assert join_link_services.find(JoinLink.objects.get(membership=team.interviewer).token) is not None
    assert not JoinLink.objects.filter(interview__schedule=past).exists()


def test_before_it_opens_it_says_when(client: Client, team: Team, interview: Interview) -> None:
    ready(team, interview)
    html = page(client, interview)
    assert "Opens at" in html
    assert "codesignal.example" not in html
    response = client.get(path(interview) + "enter/")
    assert response.status_code == 302
    assert response["Location"] == path(interview)


@pytest.mark.parametrize(
    ("minutes", "says"),
    [
        (30, ", 30 minutes before the interview."),
        (1, ", 1 minute before the interview."),
        (60, ", 1 hour before the interview."),
        (1440, ", 24 hours before the interview."),
        (90, ", 90 minutes before the interview."),
        (0, "Opens when the interview starts."),
    ],
)
def test_it_says_how_long_before_it_opens(
    client: Client, team: Team, interview: Interview, minutes: int, says: str
) -> None:
    interview.starts_at, interview.ends_at = (at + timedelta(days=2) for at in (interview.starts_at, interview.ends_at))
    interview.save()
    Organization.objects.filter(pk=team.organization.pk).update(join_opens_minutes=minutes)
    assert says in page(client, interview)


def test_the_zone_is_a_city_with_its_offset(client: Client, team: Team, interview: Interview) -> None:
    Candidate.objects.update(time_zone="America/Argentina/Buenos_Aires")
    html = page(client, interview)
    assert re.search(r">Buenos Aires, GMT-3</span>", html)
    assert "America/" not in html


def test_in_time_it_leads_to_the_link_that_is_current_and_counts(
    client: Client, team: Team, interview: Interview, clock: time_machine.Traveller
) -> None:
    old = ready(team, interview)
    clock.shift(timedelta(hours=23, minutes=31))
    assert "Join coding interview" in page(client, interview)
    assert client.get(path(interview) + "enter/")["Location"] == old.url
    CodingLink.objects.filter(pk=old.pk).update(state="cancelled")
    new = make_link(interview, old.integration, "ready", external_id="newer", url="https://codesignal.example/newer")
    response = client.get(path(interview) + "enter/")
    assert response["Location"] == new.url
    assert response["Referrer-Policy"] == "no-referrer"
    assert JoinLink.objects.get().uses == 2


def test_who_only_looks_whether_it_is_there_finds_it_and_does_not_count(
    client: Client, team: Team, interview: Interview, clock: time_machine.Traveller
) -> None:
    """Mail scanners ask with HEAD, and browsers fetch ahead what may be clicked."""
    link = ready(team, interview)
    clock.shift(timedelta(hours=24))
    answer = client.head(path(interview))
    assert (answer.status_code, answer.content, answer["X-Robots-Tag"]) == (200, b"", "noindex, nofollow")
    assert client.head(path(interview) + "enter/")["Location"] == link.url
    for name in ("Sec-Purpose", "Purpose", "X-Moz"):
        client.get(path(interview) + "enter/", headers={name: "prefetch"})
    assert JoinLink.objects.get().uses == 0
    assert client.post(path(interview) + "enter/").status_code == 405
    client.get(path(interview) + "enter/")
    assert JoinLink.objects.get().uses == 1


@pytest.mark.parametrize(
    ("state", "fields", "says", "refreshes"),
    [
        ("pending", {}, "being prepared", True),
        ("creating", {}, "being prepared", True),
        ("unknown", {}, "being prepared", True),
        ("unknown", {"problem_code": "ambiguous"}, "isn't ready", True),
        ("failed", {"problem_code": "refused"}, "isn't ready", True),
        ("ready", {}, "Join coding interview", False),
        ("active", {}, "Join coding interview", False),
        ("finished", {}, "is over", False),
        ("cancelled", {}, "no coding link", True),
    ],
)
def test_what_a_visitor_meets_in_each_state(
    client: Client,
    team: Team,
    interview: Interview,
    clock: time_machine.Traveller,
    state: str,
    fields: dict[str, str],
    says: str,
    refreshes: bool,
) -> None:
    clock.shift(timedelta(hours=24))
    make_link(interview, connect(team), state, **fields)
    html = page(client, interview)
    assert says in html
    assert ("hx-trigger" in html) is refreshes


@pytest.mark.parametrize("state", ["cancelled", "failed", "pending"])
def test_without_a_way_in_it_says_whom_to_ask(
    client: Client, team: Team, clock: time_machine.Traveller, state: str
) -> None:
    """The organization's address; else that of whoever sent the last message; else a sentence for each reader.

    Also while a planned link waits for the tool to be connected.
    """
    schedule = staffed_loop(team, "Coding", hours_ahead=24)
    coding = schedule.interviews.get()
    integration = connect(team, state="disconnected" if state == "pending" else "connected")
    link = make_link(coding, integration, state, problem_code="refused" if state == "failed" else "")
    clock.shift(timedelta(hours=23, minutes=31))
    assert "Reply to your invitation" in page(client, coding)
    assert "Ask the recruiter who scheduled this interview." in page(client, coding, membership=team.interviewer)
    Message.objects.create(
        organization=team.organization,
        schedule=schedule,
        audience="candidate",
        kind="candidate_invitation",
        state="sent",
        sent_at=timezone.now(),
        to_email="ada@example.com",
        subject="Interview",
        text="See you.",
        html="<p>See you.</p>",
        sender={"reply_to": "robin@acme.example"},
    )
    assert 'href="mailto:robin@acme.example"' in page(client, coding)
    assert "robin@acme.example" not in page(client, coding, membership=team.interviewer)
    Organization.objects.update(reply_to="talent@acme.example")
    for who in ({}, {"membership": team.interviewer}):
        html = page(client, coding, **who)
        assert "talent@acme.example" in html
        assert "Use the details of your invitation" not in html
    link.delete()
    assert "talent@acme.example" in page(client, coding)


@pytest.mark.parametrize(
    ("place", "words"),
    [("https://meet.example/1", 'href="https://meet.example/1"'), ("Room 5", "<bdi>Room 5</bdi>")],
)
def test_without_a_coding_link_it_says_where_the_interview_is(
    client: Client, interview: Interview, clock: time_machine.Traveller, place: str, words: str
) -> None:
    Interview.objects.update(place=place)
    assert words not in page(client, interview)
    clock.shift(timedelta(hours=24))
    assert words in page(client, interview)


def test_the_page_looks_like_the_organization_and_says_whom_to_ask(client: Client, interview: Interview) -> None:
    here = interview.organization
    here.accent, here.reply_to = "#0f766e", "talent@acme.example"
    here.save()
    logo = give_logo(here)
    shown = page(client, interview)
    assert f'src="{logo}"' in shown
    assert 'href="/accent/0f766e.css"' in shown
    assert "talent@acme.example" in shown
    assert client.get(logo).status_code == 200
    branding.remove_logo(here)
    assert 'class="brand-logo' not in page(client, interview)


def test_a_link_used_up_the_day_before_does_not_end_the_interview(
    client: Client, team: Team, interview: Interview, clock: time_machine.Traveller
) -> None:
    make_link(interview, connect(team), "finished", finished_at=timezone.now())
    clock.shift(timedelta(hours=24))
    assert "is over" not in page(client, interview)


def test_afterwards_it_is_over(client: Client, team: Team, interview: Interview, clock: time_machine.Traveller) -> None:
    ready(team, interview)
    clock.shift(timedelta(hours=26, minutes=1))
    assert "This interview is over" in page(client, interview)
    assert client.get(path(interview) + "enter/")["Location"] == path(interview)


def test_a_cancelled_interview_says_so(client: Client, team: Team, interview: Interview) -> None:
    address = path(interview)
    Interview.objects.update(state=Interview.State.CANCELLED)
    assert "This interview is cancelled" in client.get(address).content.decode()


def test_a_reschedule_keeps_the_address(
    client: Client, team: Team, interview: Interview, clock: time_machine.Traveller
) -> None:
    ready(team, interview)
    address = path(interview)
    interview.starts_at += timedelta(days=2)
    interview.ends_at += timedelta(days=2)
    interview.save()
    clock.shift(timedelta(hours=24))
    assert "Opens at" in client.get(address).content.decode()
    clock.shift(timedelta(days=2))
    assert "Join coding interview" in client.get(address).content.decode()


def test_the_page_tells_no_one_who_it_is_for(client: Client, team: Team, interview: Interview) -> None:
    ready(team, interview)
    response = client.get(path(interview))
    html = response.content.decode()
    assert "Ada Osei" not in html and "ada@example.com" not in html
    assert "Acme" in html and "Coding" in html
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "no-store"


def test_the_interviewer_is_told_to_sign_in_first(client: Client, team: Team, interview: Interview) -> None:
    InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer)
    assert "as interviewer first" in page(client, interview, membership=team.interviewer)
    assert "as interviewer first" not in page(client, interview)


def test_who_was_taken_out_of_the_interview_does_not_get_in(
    client: Client, team: Team, interview: Interview, clock: time_machine.Traveller
) -> None:
    link = ready(team, interview)
    assignment = InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer)
    address = path(interview, membership=team.interviewer)
    clock.shift(timedelta(hours=24))
    assert client.get(address + "enter/")["Location"] == link.url
    assignment.delete()
    assert "no longer works" in client.get(address).content.decode()
    assert client.get(address + "enter/")["Location"] == address
    InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer)
    assert client.get(address + "enter/")["Location"] == link.url


def test_a_guessed_address_is_nothing(client: Client, db: None) -> None:
    assert client.get("/join/guess/").status_code == 404
    assert client.get("/join/guess/enter/").status_code == 404


def test_a_revoked_address_says_so_and_the_renewed_one_works(
    as_recruiter: Client, client: Client, team: Team, interview: Interview, clock: time_machine.Traveller
) -> None:
    ready(team, interview)
    old = path(interview)
    link = JoinLink.objects.get()
    change = team.url(f"schedules/{interview.schedule_id}/join-links/{link.pk}/renew/")
    assert as_recruiter.post(change).status_code == 302
    clock.shift(timedelta(hours=24))
    assert "no longer works" in client.get(old).content.decode()
    assert path(interview) != old
    assert "Join coding interview" in page(client, interview)


def test_no_log_line_has_a_token_in_it(client: Client, interview: Interview) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    formatter = logging_config()["formatters"]["line"]
    handler.setFormatter(formatter["()"](**{k: v for k, v in formatter.items() if k != "()"}))
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        client.get("/join/abcdefgh12345678/")
        logger.error("Internal Server Error: %s", "/hooks/codesignal/abcdefgh12345678/")
        try:
            raise ValueError("http://testserver/join/abcdefgh12345678/enter/")
        except ValueError:
            logger.exception("broken")
    finally:
        logger.removeHandler(handler)
    assert "abcdefgh12345678" not in stream.getvalue()
    assert "/join/…" in stream.getvalue()
