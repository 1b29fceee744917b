"""Join links and webhook addresses are in no row in clear (finding B12): a copy of the database lets nobody in."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from integrations.models import Integration
from organizations.models import Organization
from scheduling.join_links.references import reference, without_addresses
from scheduling.join_links.services import address, join_link
from scheduling.messages import delivery, queueing
from scheduling.messages import services as message_services
from scheduling.messages.compose import compose
from scheduling.messages.message_context import load_message_context
from scheduling.models import Interview, JoinLink, Message, MessageState, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import composed, propose, queue, send, staffed_loop

pytestmark = pytest.mark.django_db

BEFORE = [("scheduling", "0024_action_needed")]


@pytest.fixture
def schedule(team: Team) -> Schedule:
    """A loop of two interviews, the first with a coding link."""
    made = staffed_loop(team, "Coding", "Review")
    make_link(made.interviews.get(name="Coding"), connect(team), "ready")
    return made


def links_of(schedule: Schedule) -> tuple[JoinLink, JoinLink]:
    """The join links to "Coding": the candidate's and the interviewer's."""
    coding = schedule.interviews.get(name="Coding")
    own = join_link(interview=coding)
    return own, join_link(interview=coding, membership=coding.assignments.get().membership)


def tokens() -> list[str]:
    """The tokens of all join links and of all webhooks."""
    found: list[str] = [link.token for link in JoinLink.objects.all()]
    found += [integration.webhook_token for integration in Integration.objects.all()]
    assert len(found) > 1 and all(found)
    return found


def stored() -> str:
    out = io.StringIO()
    call_command("dumpdata", stdout=out)
    return out.getvalue()


def test_the_mail_has_the_address_and_its_row_a_reference(team: Team, schedule: Schedule) -> None:
    mails = {str(one["To"]): one for one in send(schedule, team)}
    for link, to in zip(links_of(schedule), ("Ada Osei", "Interviewer Acme"), strict=True):
        whole = next(one for name, one in mails.items() if name.startswith(to))
        parts = {part.get_content_type(): part.get_content() for part in whole.walk() if not part.is_multipart()}
        assert address(link) in parts["text/plain"]
        assert address(link) in parts["text/html"]
        assert address(link) in str(parts["text/calendar"]).replace("\r", "").replace("\n ", "")
        row = Message.objects.get(to_name=to, part_of=None)
        assert reference(link) in row.text and reference(link) in row.html
        assert reference(link) in row.calendar[0]["description"]
    assert not [token for token in tokens() if token in stored()]


def test_the_preview_shows_the_address(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    propose(schedule, team)
    own, _theirs = links_of(schedule)
    draft = Message.objects.get(schedule=schedule, audience="candidate")
    pages = [team.url(f"messages/{draft.pk}/"), team.url(f"messages/{draft.pk}/html/")]
    before = [as_recruiter.get(page).content.decode() for page in pages]
    queue(schedule, team)
    after = [as_recruiter.get(page).content.decode() for page in pages]
    for page in [*before, *after]:
        assert address(own) in page and "/join/link-" not in page


def test_a_pasted_address_is_kept_as_a_reference(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    propose(schedule, team)
    own, theirs = links_of(schedule)
    draft = Message.objects.get(schedule=schedule, audience="candidate")
    edit = team.url(f"messages/{draft.pk}/edit/")
    as_recruiter.post(edit, {"subject": "Soon", "body": f"Come in: {address(own)} or not."})
    draft.refresh_from_db()
    assert draft.body_source == f"Come in: {reference(own)} or not."
    assert address(own) in as_recruiter.get(edit).content.decode()
    as_recruiter.post(edit, {"subject": "Soon", "body": f"Come in: {address(theirs)} or not."})
    blocked = [check.message for check in composed(schedule, team)[draft.pk].checks if check.blocks]
    assert len(blocked) == 1 and "own join link. Remove it." in blocked[0]


def test_a_reference_to_somebody_elses_join_link_leads_nowhere(
    team: Team, other_team: Team, schedule: Schedule
) -> None:
    foreign = staffed_loop(other_team, "Coding")
    link = join_link(interview=foreign.interviews.get())
    propose(schedule, team)
    draft = Message.objects.get(schedule=schedule, audience="candidate")
    message_services.edit_draft(message=draft, actor=team.admin.user, subject="Soon", body=f"See {reference(link)}")
    queue(schedule, team, overridden=True)
    delivery.deliver(draft.pk)
    (sent,) = mail.outbox
    assert link.token not in sent.message().as_string()
    assert reference(link) in sent.body


def test_a_message_whose_join_link_can_not_be_read_is_not_sent(team: Team, schedule: Schedule, settings: Any) -> None:
    propose(schedule, team)
    queued = queue(schedule, team)
    settings.FERNET_KEYS = [Fernet.generate_key().decode()]
    for message in queued:
        delivery.deliver(message.pk)
    found = {row.to_name: (row.state, row.problem_code) for row in Message.objects.filter(part_of=None)}
    assert found["Ada Osei"] == ("failed", "join_link_unreadable")
    assert found["Recruiter Acme"] == ("sent", "")
    own, _theirs = links_of(schedule)
    assert f"/join/{own.token}" not in " ".join(str(one.message()) for one in mail.outbox)


def test_what_a_calendar_shows_does_not_depend_on_the_key(team: Team, schedule: Schedule, settings: Any) -> None:
    """A lost key alone is no news: nobody gets an update of an event."""
    send(schedule, team)
    settings.FERNET_KEYS = [Fernet.generate_key().decode()]
    assert propose(schedule, team) == []
    context = load_message_context(schedule.pk)
    for rows in context.messages.values():
        again = compose(context=context, message=rows[-1], actor=team.admin.user, now=rows[-1].created_at)
        assert again.changes == ()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the file of the database")
def test_the_files_of_the_database_hold_no_token(team: Team, schedule: Schedule, as_recruiter: Client) -> None:
    send(schedule, team)
    for link in JoinLink.objects.all():
        renew_by_hand(as_recruiter, team, schedule, link)
    send(schedule, team)
    assert not found_in_files(tokens())


def renew_by_hand(client: Client, team: Team, schedule: Schedule, link: JoinLink) -> None:
    page = team.url(f"schedules/{schedule.pk}/join-links/{link.pk}/renew/")
    assert client.post(page).status_code == 302


def found_in_files(secrets: list[str]) -> list[str]:
    name = Path(str(connection.settings_dict["NAME"]))
    files = [file.read_bytes() for file in (name, name.with_name(f"{name.name}-wal")) if file.is_file()]
    assert files and b"SQLite format 3" in files[0]
    return [secret for secret in secrets if any(secret.encode() in file for file in files)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the file of the database")
def test_the_demo_holds_no_token(settings: Any) -> None:
    """Everything that the demo proposes, sent."""
    settings.DEMO = True
    call_command("demo_data", stdout=io.StringIO())
    for organization in Organization.objects.all():
        integration, _ = Integration.objects.get_or_create(organization=organization, kind="codesignal")
        for interview in Interview.objects.filter(organization=organization, coding_links=None):
            make_link(interview, integration, "ready", external_id=f"demo-{interview.pk}", candidate_key=interview.pk)
        for one in Schedule.objects.filter(organization=organization, state="scheduled"):
            actor = organization.memberships.filter(role="admin").select_related("user")[0].user
            message_services.propose_updates(schedule=one, actor=actor)
            context = load_message_context(one.pk)
            drafts = [m for rows in context.messages.values() for m in rows if m.state == MessageState.DRAFT]
            for draft in drafts:
                content = compose(context=context, message=draft, actor=actor, now=draft.created_at)
                if not content.is_blocked:
                    queueing.queue_messages(
                        schedule=one, actor=actor, picks={draft.pk: content.digest}, overridden=True
                    )
    for message in Message.objects.filter(state="queued"):
        delivery.deliver(message.pk)
    assert Message.objects.filter(text__contains="/join/link-").count() > 3
    known = tokens()
    text = stored()
    assert not [token for token in known if token in text]
    assert not found_in_files(known)


@pytest.mark.thorough
@pytest.mark.landed
def test_webhook_tokens_are_encrypted_and_given_back(transactional_db: None, team: Team, other_team: Team) -> None:
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    before = [("integrations", "0011_problem_codes")]
    MigrationExecutor(connection).migrate(before)
    rows = (
        MigrationExecutor(connection).loader.project_state(before).apps.get_model("integrations", "Integration").objects
    )
    for number, one in enumerate([team, other_team]):
        rows.create(organization_id=one.organization.pk, kind="codesignal", webhook_token=f"token-{number}")
    MigrationExecutor(connection).migrate(leaves)
    assert [one.webhook_token for one in Integration.objects.order_by("pk")] == ["token-0", "token-1"]
    for number in range(2):
        body = Client().post(f"/hooks/codesignal/token-{number}/", {}, content_type="application/json")
        assert body.status_code == 200
    assert "token-1" not in stored()
    MigrationExecutor(connection).migrate(before)
    assert list(rows.order_by("pk").values_list("webhook_token", flat=True)) == ["token-0", "token-1"]
    MigrationExecutor(connection).migrate(leaves)


@pytest.fixture
def before(transactional_db: None) -> Iterator[Callable[[], Any]]:
    """`before()` takes the database back to the version without references, and returns its models."""
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()

    def back() -> Any:
        MigrationExecutor(connection).migrate(BEFORE)
        return MigrationExecutor(connection).loader.project_state(BEFORE).apps

    yield back
    MigrationExecutor(connection).migrate(leaves)


@pytest.mark.thorough
@pytest.mark.landed
def test_stored_messages_get_references_and_their_addresses_back(before: Callable[[], Any], team: Team) -> None:
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    schedule = staffed_loop(team, "Coding")
    link = join_link(interview=schedule.interviews.get())
    text = f"Hi,\n{address(link)} or https://elsewhere.test/join/{'x' * 32}/ or /join/short/"
    event = {"description": text, "location": address(link), "summary": "Coding"}
    html = f'<a href="{address(link)}">{address(link)}</a>'
    for _ in range(3):
        Message.objects.create(
            organization=team.organization,
            schedule=schedule,
            audience="candidate",
            kind="candidate_invitation",
            state="failed",
            text=text,
            html=html,
            body_source=text,
            calendar=[event],
        )
    before()
    MigrationExecutor(connection).migrate(leaves)
    for row in Message.objects.all():
        assert link.token not in f"{row.text} {row.html} {row.body_source} {row.calendar}"
        assert row.text == row.body_source == without_addresses(text)
        assert reference(link) in row.html and row.calendar[0]["location"] == reference(link)
        assert "x" * 32 in row.text and "/join/short/" in row.text
    for old in before().get_model("scheduling", "Message").objects.all():
        assert (old.text, old.body_source, old.html, old.calendar) == (text, text, html, [event])


def test_a_token_that_is_no_join_links_stays(team: Team) -> None:
    text = f"https://elsewhere.test/join/{'y' * 32}/"
    assert without_addresses(text) == text
    assert Integration.objects.count() == 0
