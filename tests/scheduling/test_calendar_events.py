"""Interviews as events in interviewers' calendars: written, moved, removed, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from integrations.base import CredentialsRejected, OutcomeUnknown, Refused, Retryable
from integrations.calendars import Answer, Occurrence
from integrations.models import CalendarConnection
from organizations.access import Access
from organizations.models import Membership, Organization
from scheduling import tasks
from scheduling.availability import snapshots
from scheduling.availability.busy import busy_times, interviewer
from scheduling.availability.stretches import Stretch
from scheduling.messages import services as messages
from scheduling.models import (
    CalendarEvent,
    Candidate,
    EventState,
    Interview,
    InterviewerAssignment,
    MemberCalendar,
    Message,
    Schedule,
)
from scheduling.schedules import services
from scheduling.schedules.interviews import InterviewDetails, details_of, edit_interview
from scheduling.schedules.trail_rows import GivenReason
from tests.conftest import Team
from tests.scheduling.calendars import Vendor, calendar_for, connect_calendars

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NO_REASON = GivenReason()


def scheduled(team: Team, *people: Membership, names: Sequence[str] = ("Coding",)) -> Schedule:
    """Schedule interviews back to back on the next working day, all with the same people."""
    start = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    start += timedelta(days=max(0, 7 - start.weekday()) if start.weekday() > 4 else 0)
    schedule, _interviews = services.create_schedule(
        organization=team.organization,
        actor=team.recruiter.user,
        candidate=Candidate.objects.create(organization=team.organization, name="Ada Osei", email="ada@example.com"),
        job=None,
        stage=None,
        time_zone="Europe/Berlin",
        interviews=[
            InterviewDetails(
                name, "video", start + at * HOUR, start + (at + 1) * HOUR, "https://meet.example/x", people
            )
            for at, name in enumerate(names)
        ],
    )
    return schedule


def work() -> None:
    """Do what is due, as workers would, until nothing is."""
    for _round in range(20):
        due = CalendarEvent.objects.filter(next_attempt_at__lte=timezone.now()).order_by("pk")
        if not (pks := list(due.values_list("pk", flat=True))):
            return
        for pk in pks:
            tasks.write_calendar_event(pk)
    raise AssertionError("never done")


def later() -> None:
    """Let the waiting time of everything pass."""
    waiting = CalendarEvent.objects.filter(next_attempt_at__isnull=False)
    waiting.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def written(team: Team) -> CalendarEvent:
    return CalendarEvent.objects.get(membership=team.interviewer)


@pytest.fixture
def calendar(team: Team, calendar_vendor: Vendor) -> Vendor:
    """The interviewer's calendar receives interviews."""
    row = calendar_for(team.interviewer)
    row.is_written = True
    row.save()
    return calendar_vendor


def there(vendor: Vendor, team: Team) -> list[Occurrence]:
    return list(vendor.book(f"cal-{team.interviewer.pk}").occurrences.values())


def kinds(schedule: Schedule) -> list[str]:
    return sorted(Message.objects.filter(schedule=schedule).values_list("kind", flat=True))


def test_a_saved_interview_is_written_once_and_its_interviewer_gets_no_mail(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer)
    work()
    [one] = there(calendar, team)
    interview = schedule.interviews.get()
    assert (one.starts_at, one.ends_at, one.title) == (interview.starts_at, interview.ends_at, "Coding with Ada Osei")
    assert written(team).state == EventState.READY
    assert kinds(schedule) == ["candidate_invitation"]
    work()
    assert calendar.calls.count("put") == 1


def test_people_without_a_calendar_get_the_mail(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer, team.recruiter)
    assert kinds(schedule) == ["candidate_invitation", "interviewer_invitation"]
    assert Message.objects.get(kind="interviewer_invitation").membership == team.recruiter


def test_an_organization_can_choose_mails_for_everybody(team: Team, calendar: Vendor) -> None:
    Organization.objects.update(interviewer_invitations="mail")
    team.organization.refresh_from_db()
    schedule = scheduled(team, team.interviewer)
    assert not CalendarEvent.objects.exists()
    assert kinds(schedule) == ["candidate_invitation", "interviewer_invitation"]


def test_a_move_changes_the_same_event(team: Team, calendar: Vendor) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    move(interview, team, 2 * HOUR)
    work()
    [one] = there(calendar, team)
    interview.refresh_from_db()
    assert one.starts_at == interview.starts_at
    assert one.id == written(team).our_id


def home_of(team: Team) -> str:
    """The text of the recruiter's Home, without the signs that isolate names."""
    page = team.client(team.recruiter).get(team.url("home/")).content.decode()
    return page.replace(chr(0x2068), "").replace(chr(0x2069), "")


def messages_of(team: Team, schedule: Schedule) -> str:
    address = team.url(f"schedules/{schedule.pk}/messages/")
    return team.client(team.recruiter).get(address, headers={"HX-Request": "true"}).content.decode()


def move(interview: Interview, team: Team, by: timedelta) -> None:
    details = details_of(interview)
    changed = InterviewDetails(
        **{**vars(details), "starts_at": details.starts_at + by, "ends_at": details.ends_at + by}
    )
    edit_interview(interview=interview, details=changed, actor=team.recruiter.user, reason=NO_REASON)


def test_a_swap_moves_the_event_to_the_other_calendar(team: Team, calendar: Vendor) -> None:
    other = calendar_for(team.recruiter, connect_calendars(team.recruiter, for_all=False))
    other.is_written = True
    other.save()
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    details = InterviewDetails(**{**vars(details_of(interview)), "interviewers": (team.recruiter,)})
    edit_interview(interview=interview, details=details, actor=team.recruiter.user, reason=NO_REASON)
    work()
    assert there(calendar, team) == []
    assert len(calendar.book(other.external_id).occurrences) == 1


def test_another_calendar_of_the_same_person_takes_the_event_over(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer)
    work()
    former = team.interviewer.calendars.get()
    former.is_written = False
    former.save()
    new = MemberCalendar.objects.create(
        organization=team.organization,
        connection=former.connection,
        membership=team.interviewer,
        external_id="another",
        is_written=True,
    )
    messages.propose_updates(schedule=schedule, actor=team.recruiter.user)
    work()
    assert there(calendar, team) == []
    assert len(calendar.book(new.external_id).occurrences) == 1


def test_a_cancelled_schedule_leaves_nothing(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer, names=["Coding", "System design"])
    work()
    assert len(there(calendar, team)) == 2
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)
    work()
    assert there(calendar, team) == []
    assert set(CalendarEvent.objects.values_list("state", flat=True)) == {"cancelled"}
    assert not Message.objects.filter(schedule=schedule, audience="interviewer").exists()


def test_a_deleted_schedule_leaves_nothing(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer)
    work()
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)
    services.delete_schedule(schedule=schedule, actor=team.recruiter.user)
    work()
    assert there(calendar, team) == []


def test_a_member_who_leaves_is_rid_of_their_events(team: Team, calendar: Vendor) -> None:
    from organizations import members

    scheduled(team, team.interviewer)
    work()
    name = f"cal-{team.interviewer.pk}"
    members.remove_member(membership=team.interviewer, actor=team.admin.user)
    work()
    assert calendar.book(name).occurrences == {}


def test_a_lost_answer_is_written_again_and_makes_one_event(team: Team, calendar: Vendor) -> None:
    scheduled(team, team.interviewer)
    calendar.faults = [OutcomeUnknown("lost"), Retryable("server_error")]
    work()
    assert written(team).state == EventState.PENDING
    later()
    work()
    later()
    work()
    assert written(team).state == EventState.READY
    assert len(there(calendar, team)) == 1


def test_what_the_vendor_refuses_is_sent_by_mail_instead(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer)
    calendar.faults = [Refused("read_only")]
    work()
    assert written(team).state == EventState.FAILED
    tasks.propose_updates(schedule.pk)
    assert kinds(schedule) == ["candidate_invitation", "interviewer_invitation"]
    work()
    assert written(team).state == EventState.FAILED


def test_rejected_credentials_wait_for_the_connection(team: Team, calendar: Vendor) -> None:
    scheduled(team, team.interviewer)
    calendar.faults = [CredentialsRejected("key_rejected")]
    work()
    assert CalendarConnection.objects.get().state == "paused"
    later()
    work()
    assert calendar.calls.count("put") == 1
    CalendarConnection.objects.update(state="connected")
    later()
    work()
    assert written(team).state == EventState.READY


def test_a_change_while_it_is_written_is_written_after_it(team: Team, calendar: Vendor) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()

    def change_once() -> None:
        calendar.during = None
        move(interview, team, HOUR)

    calendar.during = change_once
    later()
    work()
    later()
    work()
    interview.refresh_from_db()
    [one] = there(calendar, team)
    assert one.starts_at == interview.starts_at
    assert (written(team).state, written(team).revision) == (EventState.READY, written(team).written_revision)


def test_a_cancellation_while_it_is_written_removes_it(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer)

    def cancel_once() -> None:
        calendar.during = None
        services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)

    calendar.during = cancel_once
    work()
    later()
    work()
    assert there(calendar, team) == []
    assert written(team).state == EventState.CANCELLED


def test_a_cancellation_before_a_claimed_event_is_sent_removes_it(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer)
    CalendarEvent.objects.update(claim="busy", claimed_at=timezone.now(), next_attempt_at=timezone.now() + HOUR)
    services.cancel_schedule(schedule=schedule, actor=team.recruiter.user, reason=NO_REASON)
    assert written(team).state == EventState.CANCELLING
    later()
    work()
    assert written(team).state == EventState.CANCELLED
    assert calendar.calls == ["delete"]


def test_a_worker_that_died_leaves_the_event_to_the_next(team: Team, calendar: Vendor) -> None:
    scheduled(team, team.interviewer)
    CalendarEvent.objects.update(claim="dead", claimed_at=timezone.now(), next_attempt_at=timezone.now() + HOUR)
    work()
    assert there(calendar, team) == []
    later()
    work()
    assert len(there(calendar, team)) == 1


def test_an_event_moved_in_the_calendar_is_noticed_and_put_back(team: Team, calendar: Vendor) -> None:
    scheduled(team, team.interviewer)
    work()
    read(team)
    event = written(team)
    book = calendar.book(f"cal-{team.interviewer.pk}")
    [one] = book.occurrences.values()
    moved = Occurrence(one.id, one.starts_at + HOUR, one.ends_at + HOUR, title=one.title, our_id=one.our_id)
    book.put(moved)
    read(team)
    event.refresh_from_db()
    assert event.moved_starts_at == moved.starts_at
    tasks.check_calendar_event(event.pk)
    team.client(team.recruiter).post(team.url(f"calendar-events/{event.pk}/restore/"))
    work()
    event.refresh_from_db()
    assert event.moved_starts_at is None
    assert there(calendar, team)[0].starts_at == event.starts_at == moved.starts_at - HOUR


@pytest.mark.parametrize("what", ["moved", "deleted"])
def test_another_change_takes_no_question_from_home(team: Team, calendar: Vendor, what: str) -> None:
    """Such as another room, or somebody else replaced: to write the event would put it back unasked."""
    interview = scheduled(team, team.interviewer, team.recruiter).interviews.get()
    work()
    read(team)
    book = calendar.book(f"cal-{team.interviewer.pk}")
    [one] = book.occurrences.values()
    if what == "moved":
        book.put(replace(one, starts_at=one.starts_at + HOUR, ends_at=one.ends_at + HOUR))
    else:
        book.remove(one.id)
    read(team)
    before = list(book.occurrences.values())
    details = replace(details_of(interview), place="https://meet.example/other", interviewers=(team.interviewer,))
    edit_interview(interview=interview, details=details, actor=team.recruiter.user, reason=NO_REASON)
    work()
    read(team)
    assert list(book.occurrences.values()) == before
    assert f"{what} “Coding”" in home_of(team)
    team.client(team.recruiter).post(team.url(f"calendar-events/{written(team).pk}/restore/"))
    work()
    read(team)
    assert there(calendar, team)[0].starts_at == interview.starts_at
    assert f"{what} “Coding”" not in home_of(team)


def test_an_event_that_was_moved_keeps_busy_at_both_times(team: Team, calendar: Vendor) -> None:
    """Until somebody decides: and the interview itself may follow it."""
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    at = interview.starts_at + 3 * HOUR
    CalendarEvent.objects.update(moved_starts_at=at, moved_ends_at=at + HOUR)
    read = partial(
        busy_times,
        access=Access(team.organization, team.recruiter.user, team.recruiter),
        within=Stretch(interview.starts_at, at + HOUR),
        interviewers=[team.interviewer.pk],
    )
    times = read()[interviewer(team.interviewer.pk)]
    assert [(one.starts_at, one.name, one.source.value) for one in times] == [
        (interview.starts_at, "Coding", "interview"),
        (at, "Coding", "calendar"),
    ]
    assert read(excluded=[interview.pk]).get(interviewer(team.interviewer.pk), []) == []
    dialog = team.client(team.recruiter).get(team.url(f"interviews/{interview.pk}/time/?event={written(team).pk}"))
    assert "is busy" not in dialog.content.decode()


def test_an_event_whose_end_alone_was_moved_is_edited_or_put_back(team: Team, calendar: Vendor) -> None:
    """Its start is where it was: there is nothing to move."""
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    read(team)
    book = calendar.book(f"cal-{team.interviewer.pk}")
    [one] = book.occurrences.values()
    book.put(Occurrence(one.id, one.starts_at, one.ends_at + HOUR, title=one.title, our_id=one.our_id))
    read(team)
    home = home_of(team)
    assert "changed the end of “Coding” to" in home
    assert "moved “Coding”" not in home
    assert f"interviews/{interview.pk}/edit/" in home
    assert "Put it back" in home


def read(team: Team) -> None:
    """Read the interviewer's calendar, and check what that shows."""
    calendar = team.interviewer.calendars.get()
    snapshots.mark_due([calendar.pk])
    snapshots.read(calendar.pk)
    for pk in CalendarEvent.objects.order_by("pk").values_list("pk", flat=True):
        tasks.check_calendar_event(pk)


def test_an_event_deleted_in_the_calendar_is_on_home_until_it_is_back(team: Team, calendar: Vendor) -> None:
    scheduled(team, team.interviewer)
    work()
    read(team)
    calendar.book(f"cal-{team.interviewer.pk}").remove(written(team).our_id)
    read(team)
    home = home_of(team)
    assert "deleted “Coding” from their calendar" in home
    assert "Find a replacement" in home
    team.client(team.recruiter).post(team.url(f"calendar-events/{written(team).pk}/restore/"))
    work()
    assert len(there(calendar, team)) == 1
    assert "Find a replacement" not in home_of(team)


def test_a_decline_is_on_home_and_a_replacement_ends_it(team: Team, calendar: Vendor) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    CalendarEvent.objects.update(answer=Answer.DECLINED, answered_at=timezone.now())
    home = home_of(team)
    assert "declined “Coding”" in home
    assert f"interviews/{interview.pk}/person/?person={team.interviewer.pk}" in home
    InterviewerAssignment.objects.filter(interview=interview).update(membership=team.recruiter)
    messages.propose_updates(schedule=interview.schedule, actor=team.recruiter.user)
    work()
    assert there(calendar, team) == []
    assert "declined" not in home_of(team)


def test_a_decline_is_on_home_however_far_ahead(team: Team, calendar: Vendor) -> None:
    """Weeks ahead there is time to find somebody else."""
    scheduled(team, team.interviewer)
    work()
    later = timezone.now() + timedelta(days=40)
    Interview.objects.update(starts_at=later, ends_at=later + HOUR)
    assert "Coding" not in home_of(team)
    CalendarEvent.objects.update(answer=Answer.DECLINED, answered_at=timezone.now())
    assert "declined “Coding”" in home_of(team)
    Interview.objects.update(state=Interview.State.CANCELLED)
    assert "declined" not in home_of(team)


def test_the_dialog_opens_with_the_time_that_the_event_was_given(team: Team, calendar: Vendor) -> None:
    interview = scheduled(team, team.interviewer).interviews.get()
    work()
    to = interview.starts_at + timedelta(days=1)
    CalendarEvent.objects.update(moved_starts_at=to, moved_ends_at=to + HOUR)
    address = team.url(f"interviews/{interview.pk}/time/?event={written(team).pk}")
    page = team.client(team.recruiter).get(address).content.decode()
    assert f'value="{to.date().isoformat()}"' in page


def test_communications_says_who_has_it_in_their_calendar(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer)
    work()
    page = messages_of(team, schedule)
    assert "In the calendar" in page
    CalendarEvent.objects.update(answer=Answer.ACCEPTED)
    page = messages_of(team, schedule)
    assert "Accepted" in page


def test_details_and_home_show_the_answer_beside_the_name(team: Team, calendar: Vendor) -> None:
    schedule = scheduled(team, team.interviewer)
    work()
    CalendarEvent.objects.update(answer=Answer.TENTATIVE)
    details = team.client(team.recruiter).get(team.url(f"schedules/{schedule.pk}/")).content.decode()
    assert 'title="Tentative"' in details
    Interview.objects.update(starts_at=timezone.now() + HOUR, ends_at=timezone.now() + 2 * HOUR)
    assert 'title="Tentative"' in team.client(team.recruiter).get(team.url("home/")).content.decode()


@pytest.mark.parametrize("is_connected", [True, False])
def test_cancelling_says_before_whether_calendars_follow(is_connected: bool, team: Team, calendar: Vendor) -> None:
    if not is_connected:
        CalendarConnection.objects.update(state="disconnected")
    schedule = scheduled(team, team.interviewer)
    client = team.client(team.recruiter)
    for path in (f"schedules/{schedule.pk}/cancel/", f"interviews/{schedule.interviews.get().pk}/cancel/"):
        page = client.get(team.url(path), headers={"HX-Request": "true"}).content.decode()
        assert ("calendars are updated at once" in page) is is_connected
        assert "coding link" not in page
