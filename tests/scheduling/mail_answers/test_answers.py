"""Answers by mail: who may answer what, which answer counts, and where it is shown."""

from __future__ import annotations

import itertools
from datetime import UTC, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.utils import timezone
from icalendar import Calendar

from integrations.calendars import Answer
from scheduling.models import Candidate, InterviewerAssignment, MailAnswer, MailNote, Message, Schedule
from tests.conftest import Team
from tests.scheduling.mail_answers.mails import ADDRESS, PROGRAMS, apple, arrives, gmail, invited, outlook
from tests.scheduling.message_steps import calendars, deliver_all, interview, move, send, staffed_loop

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def answer_of(schedule: Schedule, team: Team) -> MailAnswer:
    return MailAnswer.objects.get(schedule=schedule, membership=team.interviewer)


def home_of(team: Team) -> str:
    return team.client(team.recruiter).get(team.url("home/")).content.decode()


def messages_of(team: Team, schedule: Schedule) -> str:
    address = team.url(f"schedules/{schedule.pk}/messages/")
    return team.client(team.recruiter).get(address, headers={"HX-Request": "true"}).content.decode()


def test_each_invitation_is_answered_to_an_address_of_its_own(team: Team) -> None:
    schedule = staffed_loop(team, "Coding", "Design")
    sent = send(schedule, team)
    organizers = [str(Calendar.from_ical(ics).walk("VEVENT")[0]["ORGANIZER"]) for one in sent for ics in calendars(one)]
    assert len(organizers) == len(set(organizers)) == 3
    assert all(one.startswith("mailto:answers+") and one.endswith("@panelist.example") for one in organizers)
    # People who press "Reply" still reach a person.
    assert all(one["Reply-To"] and ADDRESS.split("@")[1] not in one["Reply-To"] for one in sent)


def test_no_token_is_stored_in_clear(team: Team, loop: Schedule) -> None:
    for answer in MailAnswer.objects.all():
        assert len(answer.token) == 32
        assert all(answer.token not in str(message.calendar) + message.text for message in Message.objects.all())
        assert answer.token not in str(MailAnswer.objects.filter(pk=answer.pk).values("token_hash"))
        assert answer.token not in messages_of(team, loop)


def test_an_update_and_a_cancellation_keep_the_address(team: Team, loop: Schedule) -> None:
    before = MailAnswer.objects.order_by("id").values_list("token_hash", flat=True)
    known = list(before)
    move(interview(loop, "Coding"), hours=3)
    sent = send(loop, team)
    token = answer_of(loop, team).token
    assert any(token.encode() in ics.replace(b"\r\n ", b"") for one in sent for ics in calendars(one))
    assert list(before.all()) == known


def test_without_a_mailbox_answers_go_to_people(team: Team, settings: object) -> None:
    settings.IMAP_HOST = ""  # type: ignore[attr-defined]
    schedule = staffed_loop(team, "Coding")
    sent = send(schedule, team)
    assert not MailAnswer.objects.exists()
    assert not any(b"answers" in ics for one in sent for ics in calendars(one))


def test_an_event_that_was_sent_before_keeps_its_organizer(team: Team, settings: object) -> None:
    settings.IMAP_HOST = ""  # type: ignore[attr-defined]
    schedule = staffed_loop(team, "Coding")
    send(schedule, team)
    settings.IMAP_HOST = "127.0.0.1"  # type: ignore[attr-defined]
    move(interview(schedule, "Coding"), hours=2)
    sent = send(schedule, team)
    assert sent and not any(b"answers" in ics for one in sent for ics in calendars(one))


@pytest.mark.parametrize("program", sorted(PROGRAMS))
@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_each_program_answers(team: Team, loop: Schedule, program: str, partstat: str) -> None:
    reply = invited(loop, team.interviewer.user.email).reply(partstat, comment="I am away\\, sorry")
    assert arrives(PROGRAMS[program](reply)) == "answer"
    found = answer_of(loop, team)
    assert (found.answer, found.comment) == (partstat.lower(), "I am away, sorry")
    page = team.client(team.recruiter).get(team.url(f"schedules/{loop.pk}/")).content.decode()
    assert f'title="{partstat.capitalize()}"' in page


def test_a_decline_is_on_home_until_somebody_else_interviews(team: Team, loop: Schedule) -> None:
    assert "declined" not in home_of(team)
    assert arrives(gmail(invited(loop, team.interviewer.user.email).reply("DECLINED"))) == "answer"
    home = home_of(team)
    assert "declined “Coding”" in home and "Find a replacement" in home
    assert f"person/?person={team.interviewer.pk}" in home
    InterviewerAssignment.objects.filter(membership=team.interviewer).update(membership=team.recruiter)
    assert "declined" not in home_of(team)


@pytest.mark.parametrize("mark", ["", ';X-RESPONSE-COMMENT="On leave, sorry"'])
def test_what_is_written_beside_a_decline_is_on_home_and_details(team: Team, loop: Schedule, mark: str) -> None:
    own, comment = invited(loop, team.interviewer.user.email), "" if mark else "On leave\\, sorry"
    assert arrives(apple(own.reply("DECLINED", comment=comment, parameters=mark))) == "answer"
    assert "declined “Coding”: “On leave, sorry”" in home_of(team)
    page = team.client(team.recruiter).get(team.url(f"schedules/{loop.pk}/")).content.decode()
    assert "Declined: “On leave, sorry”" in page


def test_the_decline_of_somebody_who_left_is_not_taken_for_the_candidates(team: Team, loop: Schedule) -> None:
    arrives(gmail(invited(loop, team.interviewer.user.email).reply("DECLINED")))
    team.interviewer.delete()
    assert "declined" not in home_of(team)


def test_a_candidates_decline_is_on_home(team: Team, loop: Schedule) -> None:
    assert arrives(apple(invited(loop, "ada@example.com").reply("DECLINED"))) == "answer"
    home = home_of(team)
    assert "declined “Coding” and “Design”" in home
    assert "Move all" in home


def test_a_candidates_answer_is_on_details_as_on_home(team: Team, loop: Schedule) -> None:
    details, own = team.url(f"schedules/{loop.pk}/"), team.client(team.interviewer)
    recruiter = team.client(team.recruiter)
    assert "circle-x" not in recruiter.get(details).content.decode()
    reply = invited(loop, "ada@example.com").reply("DECLINED", comment="I have found a job")
    assert arrives(apple(reply)) == "answer"
    assert "“Design”: “I have found a job”" in home_of(team)
    assert "Declined: “I have found a job”" in recruiter.get(details).content.decode()
    assert "I have found a job" not in own.get(details).content.decode()


def test_of_two_answers_out_of_order_the_later_one_counts(team: Team, loop: Schedule) -> None:
    now = timezone.now().replace(microsecond=0)
    invitation = invited(loop, team.interviewer.user.email)
    first, second = (
        invitation.reply("ACCEPTED", stamped_at=now - 2 * HOUR),
        invitation.reply("DECLINED", stamped_at=now - HOUR),
    )
    for order in itertools.permutations([first, second]):
        MailAnswer.objects.update(answer=Answer.NONE, stamped_at=None)
        for reply in order:
            arrives(outlook(reply))
        assert answer_of(loop, team).answer == Answer.DECLINED


def test_a_stamp_of_the_future_does_not_outlast_later_answers(team: Team, loop: Schedule) -> None:
    invitation, now = invited(loop, team.interviewer.user.email), timezone.now()
    arrives(apple(invitation.reply("DECLINED", stamped_at=now + timedelta(days=4000))), at=now)
    later = now + timedelta(hours=2)
    assert arrives(apple(invitation.reply("ACCEPTED", stamped_at=later)), at=later) == "answer"
    assert answer_of(loop, team).answer == Answer.ACCEPTED


def test_an_answer_to_an_older_time_is_kept_and_does_not_count(team: Team, loop: Schedule) -> None:
    old = invited(loop, team.interviewer.user.email)
    move(interview(loop, "Coding"), hours=3)
    send(loop, team)
    assert arrives(gmail(old.reply("DECLINED"))) == "answer"
    assert "declined" not in home_of(team)
    details = team.client(team.recruiter).get(team.url(f"schedules/{loop.pk}/")).content.decode()
    assert 'title="Declined"' not in details
    page = messages_of(team, loop)
    assert "Declined, before the time changed" in page
    # The answer to the new time counts; the old one may come once more.
    new = invited(loop, team.interviewer.user.email)
    assert new.event.sequence > old.event.sequence
    assert arrives(gmail(new.reply("ACCEPTED"))) == "answer"
    assert arrives(gmail(old.reply("DECLINED", stamped_at=timezone.now() + HOUR / 2))) == "older"
    assert answer_of(loop, team).answer == Answer.ACCEPTED


def test_an_answer_does_not_count_once_the_interview_has_moved(team: Team, loop: Schedule) -> None:
    arrives(gmail(invited(loop, team.interviewer.user.email).reply("ACCEPTED")))
    move(interview(loop, "Coding"), days=1)
    details = team.client(team.recruiter).get(team.url(f"schedules/{loop.pk}/")).content.decode()
    assert 'title="Accepted"' not in details


def test_another_time_is_proposed_moved_to_or_declined(team: Team, loop: Schedule) -> None:
    invitation = invited(loop, team.interviewer.user.email)
    to = invitation.event.starts_at + timedelta(days=1)
    reply = invitation.reply("TENTATIVE", method="COUNTER", starts_at=to, ends_at=to + HOUR)
    assert arrives(outlook(reply)) == "proposal"
    home = home_of(team)
    assert "proposes" in home and "Move the interview" in home and "Keep the time" in home
    answer, coding = answer_of(loop, team), interview(loop, "Coding")
    dialog = team.client(team.recruiter).get(team.url(f"interviews/{coding.pk}/time/?answer={answer.pk}"))
    assert f'value="{to.date().isoformat()}"' in dialog.content.decode()
    sent = len(outbox.outbox)
    assert "The time stays. The invitation is sent again." in kept(team, answer)
    assert "proposes" not in home_of(team)
    deliver_all(loop)
    assert [one.to for one in outbox.outbox[sent:]] == [[f"{team.interviewer.user.name} <{invitation_of(team)}>"]]
    assert "Somebody settled this already." in kept(team, answer)
    assert deliver_all(loop) == []


def kept(team: Team, answer: MailAnswer) -> str:
    """Press "Keep the time", and return the page that follows."""
    address = team.url(f"mail-answers/{answer.pk}/keep/")
    page = team.client(team.recruiter).post(address, follow=True).content.decode()
    return unescape(page).replace(chr(0x2068), "").replace(chr(0x2069), "")


def proposes(loop: Schedule, team: Team) -> MailAnswer:
    """The interviewer proposes the same time a day later."""
    invitation = invited(loop, team.interviewer.user.email)
    to = invitation.event.starts_at + timedelta(days=1)
    assert arrives(outlook(invitation.reply("DECLINED", method="COUNTER", starts_at=to, ends_at=to + HOUR)))
    return answer_of(loop, team)


def test_a_kept_time_is_an_invitation_that_asks_for_an_answer_once_more(team: Team, loop: Schedule) -> None:
    """A calendar that has seen this SEQUENCE, and answered it, does not ask again."""
    address = team.interviewer.user.email
    old = invited(loop, address)
    kept(team, proposes(loop, team))
    deliver_all(loop)
    new = invited(loop, address)
    assert (new.event.uid, new.event.starts_at) == (old.event.uid, old.event.starts_at)
    assert new.event.sequence > old.event.sequence and new.event.stamped_at > old.event.stamped_at
    assert arrives(gmail(new.reply("ACCEPTED"))) == "answer"
    assert answer_of(loop, team).answer == Answer.ACCEPTED
    move(interview(loop, "Coding"), hours=3)
    send(loop, team)
    assert invited(loop, address).event.sequence > new.event.sequence


def details_of(team: Team, loop: Schedule) -> str:
    page = team.client(team.recruiter).get(team.url(f"schedules/{loop.pk}/")).content.decode()
    return unescape(page).replace(chr(0x2068), "").replace(chr(0x2069), "")


def test_whoever_declined_a_kept_time_is_asked_again(team: Team, loop: Schedule) -> None:
    """Nothing that they said before stands until they answer the new invitation."""
    answer = proposes(loop, team)
    assert "Proposes" in details_of(team, loop)
    kept(team, answer)
    deliver_all(loop)
    for page in (details_of(team, loop), messages_of(team, loop)):
        assert "Asked again" in page and "Declined" not in page and "Proposes" not in page
    assert "declined" not in home_of(team) and "Find a replacement" not in home_of(team)
    arrives(gmail(invited(loop, team.interviewer.user.email).reply("DECLINED")))
    assert "Asked again" not in details_of(team, loop) and "Declined" in details_of(team, loop)
    assert "declined “Coding”" in home_of(team)


def test_nobody_is_asked_again_by_a_message_about_other_interviews(team: Team, loop: Schedule) -> None:
    old = invited(loop, invitation_of(team))
    InterviewerAssignment.objects.create(interview=interview(loop, "Design"), membership=team.interviewer)
    send(loop, team)
    assert invited(loop, invitation_of(team)).event.uid != old.event.uid
    to = old.event.starts_at + timedelta(days=1)
    arrives(outlook(old.reply("DECLINED", method="COUNTER", starts_at=to, ends_at=to + HOUR)))
    page = kept(team, MailAnswer.objects.get(membership=team.interviewer, proposed_starts_at__isnull=False))
    assert "The time stays. Interviewer Acme hasn't been told." in page
    assert deliver_all(loop) == []
    assert "declined “Coding”" in home_of(team)


def test_a_candidate_who_is_asked_again_is_said_to_be_on_details(team: Team, loop: Schedule) -> None:
    theirs = invited(loop, "ada@example.com")
    at = theirs.event.starts_at + timedelta(days=1)
    length = theirs.event.ends_at - theirs.event.starts_at
    reply = theirs.reply("DECLINED", method="COUNTER", starts_at=at, ends_at=at + length, comment="The next day?")
    arrives(apple(reply))
    kept(team, MailAnswer.objects.get(membership=None))
    page = details_of(team, loop)
    assert "Asked again" in page and "Declined" not in page and "The next day?" not in page


def test_an_answer_stands_where_nobody_could_be_asked_again(team: Team, loop: Schedule) -> None:
    answer = proposes(loop, team)
    loop.messages.filter(membership=team.interviewer).update(state="failed")
    kept(team, answer)
    assert "Declined" in details_of(team, loop) and "Asked again" not in details_of(team, loop)


@pytest.mark.parametrize("state", ["queued", "unknown", "failed"])
def test_nobody_claims_to_have_told_whom_nothing_was_sent(team: Team, loop: Schedule, state: str) -> None:
    answer, count = proposes(loop, team), loop.messages.count()
    loop.messages.filter(membership=team.interviewer).update(state=state)
    assert "The time stays. Interviewer Acme hasn't been told." in kept(team, answer)
    assert loop.messages.count() == count


def invitation_of(team: Team) -> str:
    return team.interviewer.user.email


def test_a_proposal_in_the_readers_own_zone(team: Team, loop: Schedule) -> None:
    invitation = invited(loop, team.interviewer.user.email)
    to = (invitation.event.starts_at + timedelta(days=1)).astimezone(ZoneInfo("Europe/Berlin"))
    reply = invitation.reply("TENTATIVE", method="COUNTER", starts_at=to, ends_at=to + HOUR)
    mail = reply.mail()
    ics = reply.ics(zone="W. Europe Standard Time")
    mail.add_alternative(ics, subtype="calendar", params={"method": "COUNTER"})
    assert arrives(mail.as_bytes()) == "proposal"
    assert answer_of(loop, team).proposed_starts_at == to.astimezone(UTC)


def test_a_candidate_proposes_another_day_for_all(team: Team, loop: Schedule) -> None:
    invitation = invited(loop, "ada@example.com")
    to = invitation.event.starts_at + timedelta(days=2)
    length = invitation.event.ends_at - invitation.event.starts_at
    assert arrives(gmail(invitation.reply("TENTATIVE", method="COUNTER", starts_at=to, ends_at=to + length)))
    answer = MailAnswer.objects.get(membership=None)
    assert "proposes" in home_of(team)
    dialog = team.client(team.recruiter).get(team.url(f"schedules/{loop.pk}/move/?answer={answer.pk}"))
    assert f'value="{to.date().isoformat()}"' in dialog.content.decode()


@pytest.mark.parametrize("days", [-30, 0, 4000])
def test_a_time_that_can_not_be_is_no_proposal(team: Team, loop: Schedule, days: int) -> None:
    invitation = invited(loop, team.interviewer.user.email)
    to = invitation.event.starts_at + timedelta(days=days)
    arrives(gmail(invitation.reply("TENTATIVE", method="COUNTER", starts_at=to, ends_at=to + HOUR)))
    assert answer_of(loop, team).proposed_starts_at is None


def test_whoever_lost_the_invitation_gets_it_again_once(team: Team, loop: Schedule) -> None:
    reply = invited(loop, team.interviewer.user.email).reply("NEEDS-ACTION", method="REFRESH")
    assert arrives(gmail(reply)) == "sent_again"
    assert arrives(gmail(reply)) == "older"
    assert [one["To"] for one in deliver_all(loop)] == [f"{team.interviewer.user.name} <{invitation_of(team)}>"]


def test_others_may_not_answer(team: Team, loop: Schedule) -> None:
    invitation = invited(loop, team.interviewer.user.email)
    strangers = [
        invitation.reply("DECLINED", attendee="mallory@example.com"),
        invitation.reply("DECLINED", attendee="ada@example.com"),
        invitation.reply("DECLINED", uid="another@panelist.example"),
        invitation.reply("DECLINED", uid=invited(loop, "ada@example.com").event.uid),
        invitation.reply("DECLINED", sequence=7),
    ]
    assert {arrives(gmail(one)) for one in strangers} == {"foreign"}
    wrong = invitation.address.replace("+", "+0000")
    assert arrives(gmail(invitation.reply("DECLINED", to=ADDRESS))) == "unknown_address"
    assert arrives(gmail(invitation.reply("DECLINED", to=wrong))) == "unknown_address"
    assert not MailAnswer.objects.exclude(answer=Answer.NONE).exists()
    # The sender's address says nothing: answers come from assistants, aliases and phones.
    assert arrives(gmail(invitation.reply("DECLINED", sender="assistant@example.com"))) == "answer"


def test_somebody_invited_at_another_address_since_answers_there(team: Team, loop: Schedule) -> None:
    old = invited(loop, "ada@example.com")
    Candidate.objects.filter(pk=loop.candidate_id).update(email="ada.osei@example.org")
    send(loop, team)
    assert arrives(gmail(old.reply("DECLINED", attendee="ada.osei@example.org", sequence=99))) == "foreign"
    assert arrives(gmail(invited(loop, "ada.osei@example.org").reply("ACCEPTED"))) == "answer"


def test_a_quoted_invitation_is_no_answer(team: Team, loop: Schedule) -> None:
    reply = invited(loop, team.interviewer.user.email).reply("DECLINED", method="REQUEST")
    assert arrives(gmail(reply)) == "automatic"
    assert arrives(apple(reply)) == "note"
    assert answer_of(loop, team).answer == Answer.NONE
    assert MailNote.objects.count() == 1
