"""A deleted candidate is nowhere: in no table, no file and no page; the trail keeps ids that lead nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from organizations import limits
from organizations.access import Access
from organizations.models import AuditEvent
from scheduling.erasure import services as erasure
from scheduling.messages import delivery
from scheduling.messages.queueing import NotQueued
from scheduling.models import Candidate, CandidateImport, CodingLink, FormDraft, Message, Schedule
from scheduling.planning import booking
from scheduling.planning.booking import Booking
from tests.conftest import Team
from tests.scheduling.erasure.steps import EMAIL, NAME, PERSON, confirm, dump, found_in, mails_in, well_known
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import deliver_all, send, staffed_loop

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(settings: Any, tmp_path: Path) -> Path:
    """Mails become files, as in the demo."""
    settings.EMAIL_BACKEND = "scheduling.demo.outbox.OutboxBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    return tmp_path


def remove(client: Client, team: Team, candidate: int, **data: str) -> tuple[int, str]:
    answer = client.post(team.url(f"candidates/{candidate}/remove/"), data, headers={"HX-Request": "true"})
    return answer.status_code, answer.content.decode()


def test_nothing_of_a_deleted_candidate_is_left(
    team: Team,
    as_recruiter: Client,
    as_admin: Client,
    outbox: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    schedule = well_known(team, as_recruiter, connect(team))
    Message.objects.filter(schedule=schedule, state="draft").update(body_source=f"Dear {NAME}")
    tables = {line.partition(":")[0].removeprefix("scheduling_") for line in found_in(dump())}
    holding = {"candidate", "interview", "message", "codinglink", "formdraft", "candidateimport", "vendorsnapshot"}
    assert tables >= holding | {"organizations_submission", "organizations_auditevent"}
    assert len(mails_in(outbox)) > 2
    pk = schedule.candidate_id
    with django_capture_on_commit_callbacks(execute=True):
        assert remove(as_recruiter, team, pk)[0] == 200
    # What the tool still has to delete is a row with ids alone.
    assert found_in(dump()) == []
    assert mails_in(outbox) == []
    links = CodingLink.objects.order_by("id")
    assert [(link.state, bool(link.external_id)) for link in links] == [("cancelling", True)] * 2
    for link in links:
        confirm(link)
    assert not CodingLink.objects.exists()
    last = AuditEvent.objects.filter(action="candidate.removed").get()
    assert (last.subject_id, last.actor_id, last.texts) == (pk, team.recruiter.user_id, {})
    assert found_in(as_admin.get(team.url("settings/security/")).content.decode()) == []


def test_another_candidates_rows_stay(team: Team, as_recruiter: Client, outbox: Path) -> None:
    integration = connect(team)
    gone = well_known(team, as_recruiter, integration)
    other = staffed_loop(team, "Talk")
    link = make_link(other.interviews.get(), integration, "ready", candidate=other.candidate)
    send(other, team)
    kept = FormDraft.objects.create(
        organization=team.organization, membership=team.admin, page="schedule-new", sequence=1, content="name=Ada"
    )
    before = len(mails_in(outbox))
    erasure.delete_candidate(candidate=gone.candidate, actor=team.recruiter.user)
    link.refresh_from_db()
    kept.refresh_from_db()
    assert link.state == "ready" and link.erase_asked_at is None
    assert other.messages.filter(state="sent").count() == 2
    assert [mail for mail in mails_in(outbox) if "ada@example.com" in mail.read_text()]
    assert len(mails_in(outbox)) == before  # files go once the transaction is over
    assert not CandidateImport.objects.exists()


def test_links_of_schedules_that_were_deleted_before_go_too(team: Team, as_recruiter: Client) -> None:
    schedule = staffed_loop(team, "Coding")
    link = make_link(schedule.interviews.get(), connect(team), "finished", candidate=schedule.candidate)
    candidate = schedule.candidate
    schedule.delete()
    link.refresh_from_db()
    assert link.interview_id is None
    erasure.delete_candidate(candidate=candidate, actor=None)
    link.refresh_from_db()
    assert (link.state, link.candidate_key) == ("cancelling", "")


def test_the_dialog_says_what_goes(team: Team, as_recruiter: Client) -> None:
    schedule = staffed_loop(team, "Coding", "Talk")
    make_link(schedule.interviews.get(name="Coding"), connect(team), "ready", candidate=schedule.candidate)
    send(schedule, team)
    page = as_recruiter.get(team.url(f"candidates/{schedule.candidate_id}/remove/")).content.decode()
    words = " ".join(page.split())
    assert "1 schedule" in words and "2 upcoming interviews, which are cancelled" in words
    assert "3 messages" in words and "1 coding interview, also in CodeSignal" in words
    assert "Send cancellations to 3 people" in words and "Interviewer Acme" in words


def test_people_are_told_before_it_is_deleted(
    team: Team, as_recruiter: Client, as_admin: Client, mailoutbox: list[Any]
) -> None:
    schedule = staffed_loop(team, "Coding")
    send(schedule, team)
    mailoutbox.clear()
    pk = schedule.candidate_id
    assert remove(as_recruiter, team, pk, tell="on")[0] == 200
    waiting = Candidate.objects.get(pk=pk)
    assert waiting.erase_asked_by == team.recruiter.user
    for address in ("candidates/", "schedules/?show=cancelled", "schedules/"):
        assert "Ada Osei" not in as_admin.get(team.url(address)).content.decode()
    page = as_recruiter.get(team.url(f"candidates/{pk}/")).content.decode()
    assert "This candidate is being deleted" in page
    assert as_recruiter.get(team.url(f"candidates/{pk}/edit/")).status_code == 404
    erasure.finish_deletions()
    assert Candidate.objects.filter(pk=pk).exists()  # nothing is sent yet
    deliver_all(schedule)
    assert sorted(mail.to[0].partition(" <")[2] for mail in mailoutbox) == [
        "ada@example.com>",
        "interviewer@acme.example>",
    ]
    erasure.finish_deletions()
    assert not Candidate.objects.filter(pk=pk).exists()
    removed = AuditEvent.objects.get(action="candidate.removed")
    assert removed.actor == team.recruiter.user


def test_without_telling_it_goes_at_once(team: Team, as_recruiter: Client, mailoutbox: list[Any]) -> None:
    schedule = staffed_loop(team, "Coding")
    send(schedule, team)
    mailoutbox.clear()
    assert remove(as_recruiter, team, schedule.candidate_id)[0] == 200
    assert not Schedule.objects.exists() and mailoutbox == []
    assert AuditEvent.objects.get(action="schedule.deleted").detail["not_notified"] == 2


def test_a_cancellation_that_can_not_be_sent_deletes_nothing(team: Team, as_recruiter: Client) -> None:
    schedule = staffed_loop(team, "Coding")
    send(schedule, team)
    for _ in range(limits.MESSAGES_TO_CANDIDATE.most):
        limits.note(limits.MESSAGES_TO_CANDIDATE, team.organization.pk, schedule.candidate.email)
    status, page = remove(as_recruiter, team, schedule.candidate_id, tell="on")
    assert status == 422 and "Nothing was deleted" in page
    schedule.refresh_from_db()
    assert schedule.state == Schedule.State.SCHEDULED
    with pytest.raises(NotQueued):
        erasure.delete_candidate(candidate=schedule.candidate, actor=None, tell=True)


def test_a_cancellation_that_fails_later_waits_for_a_person(team: Team, as_recruiter: Client) -> None:
    schedule = staffed_loop(team, "Coding")
    send(schedule, team)
    remove(as_recruiter, team, schedule.candidate_id, tell="on")
    schedule.messages.filter(state="queued").update(state="failed", next_attempt_at=None)
    erasure.finish_deletions()
    assert list(erasure.stuck(team.organization)) == [schedule.candidate]
    assert remove(as_recruiter, team, schedule.candidate_id)[0] == 200
    assert not Candidate.objects.exists()


def test_a_candidate_who_is_deleted_is_not_saved_again(team: Team, as_recruiter: Client) -> None:
    """An open form of somebody else came later, and its save brought the person back."""
    from scheduling.candidates.services import save_candidate

    candidate = Candidate.objects.create(organization=team.organization, name=NAME, email=EMAIL)
    edited = Candidate.objects.get()
    erasure.delete_candidate(candidate=candidate, actor=team.admin.user)
    with pytest.raises(Candidate.DoesNotExist):
        save_candidate(candidate=edited, actor=team.recruiter.user)
    assert not Candidate.objects.exists()
    assert as_recruiter.post(team.url(f"candidates/{edited.pk}/edit/"), PERSON).status_code == 404


def test_nobody_books_a_candidate_who_is_being_deleted(team: Team) -> None:
    candidate = Candidate.objects.create(organization=team.organization, name=NAME, erase_asked_at=timezone.now())
    access = Access(team.organization, team.recruiter.user, team.recruiter)
    with pytest.raises(booking.Missing):
        booking.book_schedule(
            access=access, candidate=candidate, job=None, stage=None, time_zone="UTC", bookings=list[Booking]()
        )
    assert not Schedule.objects.exists()


def test_a_message_of_a_deleted_candidate_that_a_worker_has_is_not_sent(team: Team, mailoutbox: list[Any]) -> None:
    schedule = staffed_loop(team, "Coding")
    ids = list(schedule.messages.values_list("pk", flat=True))
    erasure.delete_candidate(candidate=schedule.candidate, actor=team.admin.user)
    for pk in ids:
        delivery.deliver(pk)
    assert mailoutbox == []


@pytest.mark.parametrize("role", ["interviewer", "coordinator", "read_only"])
def test_only_recruiters_and_admins_delete(team: Team, role: str) -> None:
    candidate = Candidate.objects.create(organization=team.organization, name=NAME)
    assert remove(team.client(team.add(role)), team, candidate.pk)[0] == 403
    assert Candidate.objects.exists()


def test_an_outsider_finds_nobody(team: Team, as_outsider: Client) -> None:
    candidate = Candidate.objects.create(organization=team.organization, name=NAME)
    assert remove(as_outsider, team, candidate.pk)[0] == 404
    assert Candidate.objects.exists()


def test_each_coding_interview_is_counted(team: Team, as_recruiter: Client) -> None:
    schedule, integration = staffed_loop(team, "Coding", "More coding", "Talk"), connect(team)
    for interview, state in zip(schedule.interviews.order_by("id"), ("ready", "finished", "pending"), strict=True):
        make_link(interview, integration, state, candidate=schedule.candidate)
    page = as_recruiter.get(team.url(f"candidates/{schedule.candidate_id}/remove/")).content.decode()
    assert "2 coding interviews, also in CodeSignal" in " ".join(page.split())
