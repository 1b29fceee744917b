"""Candidates are deleted so many months after their last interview, never before people could see it coming."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from organizations.models import AuditEvent, Organization
from organizations.trail_retention import MONTH
from scheduling.erasure import organization as part_of_organization
from scheduling.erasure import retention
from scheduling.models import Candidate, CodingLink, Message, Schedule
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop
from tests.scheduling.message_steps import send, staffed_loop

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def added(team: Team, name: str, *, days_ago: float, interviewed: bool = True) -> Candidate:
    """A candidate whose last interview, or who, was there so many days ago."""
    at = timezone.now() - timedelta(days=days_ago)
    person = Candidate.objects.create(organization=team.organization, name=name, created_at=at)
    if interviewed:
        Candidate.objects.filter(pk=person.pk).update(created_at=at - timedelta(days=900))
        Schedule.objects.create(organization=team.organization, candidate=person, first_starts_at=at, last_ends_at=at)
    return person


def switch(team: Team, months: int) -> None:
    team.organization.refresh_from_db()
    retention.keep_candidates_for(organization=team.organization, months=months, actor=team.admin.user)
    team.organization.refresh_from_db()


def names() -> set[str]:
    return set(Candidate.objects.values_list("name", flat=True))


def test_it_is_off_at_first(team: Team, clock: Any) -> None:
    added(team, "Old", days_ago=2000)
    assert retention.delete_due() == 0 and names() == {"Old"}


def test_who_is_over_goes_a_week_after_the_setting(team: Team, clock: Any) -> None:
    added(team, "Old", days_ago=370)
    added(team, "Never interviewed", days_ago=370, interviewed=False)
    added(team, "Fresh", days_ago=300)
    added(team, "New and never interviewed", days_ago=300, interviewed=False)
    make_loop(team, "Coding")
    switch(team, 12)
    clock.shift(timedelta(days=6, hours=23))
    assert retention.delete_due() == 0
    clock.shift(timedelta(hours=2))
    assert retention.delete_due() == 2
    assert names() == {"Fresh", "New and never interviewed", "Ada Osei"}
    event = AuditEvent.objects.filter(action="candidate.removed").first()
    assert event is not None and event.actor is None and event.texts == {}


def test_shortening_it_gives_a_week_again_and_lengthening_none(team: Team, clock: Any) -> None:
    added(team, "Old", days_ago=250)
    switch(team, 24)
    clock.shift(timedelta(days=8))
    switch(team, 6)
    assert retention.is_announced(team.organization) and retention.delete_due() == 0
    since = team.organization.candidate_months_since
    clock.shift(timedelta(days=1))
    switch(team, 12)
    assert team.organization.candidate_months_since == since
    switch(team, 6)
    assert team.organization.candidate_months_since == timezone.now()


def test_who_is_kept_stays_until_the_day(team: Team, clock: Any) -> None:
    person = added(team, "Old", days_ago=400)
    switch(team, 12)
    retention.keep(
        candidate=person, because="legal", until=timezone.localdate() + timedelta(days=30), actor=team.admin.user
    )
    clock.shift(timedelta(days=30))
    assert retention.delete_due() == 0
    clock.shift(timedelta(days=1, hours=3))
    assert retention.delete_due() == 1


def test_who_is_scheduled_again_stays(team: Team, clock: Any) -> None:
    person = added(team, "Old", days_ago=400)
    switch(team, 12)
    Schedule.objects.create(
        organization=team.organization, candidate=person, last_ends_at=timezone.now() + timedelta(days=60)
    )
    clock.shift(timedelta(days=8))
    assert retention.delete_due() == 0


def test_another_organizations_setting_is_its_own(team: Team, other_team: Team, clock: Any) -> None:
    added(team, "Ours", days_ago=400)
    added(other_team, "Theirs", days_ago=400)
    switch(team, 12)
    clock.shift(timedelta(days=8))
    retention.delete_due()
    assert names() == {"Theirs"}


def test_admins_are_told_by_mail(team: Team, clock: Any, mailoutbox: list[Any]) -> None:
    added(team, "Old Person", days_ago=400)
    switch(team, 12)
    retention.mail(team.organization.pk)
    [mail] = mailoutbox
    assert "admin@acme.example" in mail.to[0]
    assert "8 June 2030" in mail.subject and "1 candidate is due then" in mail.body
    assert "/settings/privacy/" in mail.body and "Old Person" not in mail.body


def test_a_mail_for_an_organization_that_is_gone_is_none(mailoutbox: list[Any]) -> None:
    retention.mail(1)
    assert mailoutbox == []


def test_the_page_says_who_is_due_and_saves(team: Team, as_admin: Client) -> None:
    added(team, "Ada Old", days_ago=400)
    added(team, "Bea Soon", days_ago=355)
    added(team, "Cem Later", days_ago=100)
    kept = added(team, "Dan Kept", days_ago=900)
    retention.keep(candidate=kept, because="hired", until=None, actor=team.admin.user)
    page = as_admin.get(team.url("settings/privacy/")).content.decode()
    assert "12 months after the last interview · 1 candidate due now" in page
    assert as_admin.post(team.url("settings/privacy/"), {"candidate_months": "12"}).status_code == 302
    page = " ".join(as_admin.get(team.url("settings/privacy/")).content.decode().split())
    assert "2 candidates due in the next 30 days" in page
    due, _sep, kept_part = page.partition("Kept longer")
    assert "Ada Old" in due and "Bea Soon" in due and "Cem Later" not in page and "Dan Kept" in kept_part
    assert "They were hired" in kept_part
    event = AuditEvent.objects.get(action="retention.changed")
    assert event.detail == {"candidate_months": 12, "former_months": 0}
    home = as_admin.get(team.url("home/")).content.decode()
    assert "Candidates whose last interview is long ago are deleted from" in home
    assert "are deleted from" not in team.client(team.recruiter).get(team.url("home/")).content.decode()


@pytest.mark.parametrize("months", ["7", "-6", "x", "", "9" * 50, "²"])
def test_no_other_number_of_months_is_taken(team: Team, as_admin: Client, months: str) -> None:
    assert as_admin.post(team.url("settings/privacy/"), {"candidate_months": months}).status_code == 422
    assert Organization.objects.get(pk=team.organization.pk).candidate_months == 0


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"because": "legal", "until": ""}, 302),
        ({"because": "", "until": ""}, 302),
        ({"because": "other", "until": ""}, 422),
        ({"because": "legal", "until": "2001-01-01"}, 422),
        ({"because": "legal", "until": "9999-12-31"}, 422),
        ({"because": "legal", "until": "tomorrow"}, 422),
    ],
)
def test_keeping_wants_a_reason_of_the_list_and_a_day_to_come(
    team: Team, as_recruiter: Client, sent: dict[str, str], status: int
) -> None:
    person = added(team, "Old", days_ago=400)
    assert as_recruiter.post(team.url(f"candidates/{person.pk}/keep/"), sent).status_code == status
    person.refresh_from_db()
    assert person.kept_because == (sent["because"] if status == 302 else "")


@pytest.mark.parametrize("role", ["recruiter", "coordinator", "interviewer", "read_only"])
def test_the_page_is_the_admins(team: Team, role: str) -> None:
    assert team.client(team.add(role)).get(team.url("settings/privacy/")).status_code == 403


def test_what_a_tool_refuses_is_on_the_page_and_on_home(team: Team, as_admin: Client) -> None:
    schedule = staffed_loop(team, "Coding")
    link = make_link(schedule.interviews.get(), connect(team), "ready", candidate=schedule.candidate)
    schedule.candidate.delete()
    CodingLink.objects.filter(pk=link.pk).update(
        state="cancelling", erase_asked_at=timezone.now(), problem_code="left_without_key", next_attempt_at=None
    )
    assert (
        "1 coding interview couldn&#x27;t be deleted in CodeSignal" in as_admin.get(team.url("home/")).content.decode()
    )
    page = as_admin.get(team.url("settings/privacy/")).content.decode()
    assert link.external_id in page and "Delete here anyway" in page
    dialog = as_admin.get(team.url(f"settings/privacy/links/{link.pk}/")).content.decode()
    assert "stays in CodeSignal" in dialog
    assert as_admin.post(team.url("settings/privacy/again/")).status_code == 302
    link.refresh_from_db()
    assert link.problem_code == "" and link.next_attempt_at is not None
    assert as_admin.post(team.url(f"settings/privacy/links/{link.pk}/")).status_code == 404
    CodingLink.objects.update(problem_code="left_without_key")
    assert as_admin.post(team.url(f"settings/privacy/links/{link.pk}/")).status_code == 302
    assert not CodingLink.objects.exists()
    assert AuditEvent.objects.filter(action__startswith="erasure.").count() == 2


def test_an_organizations_part_ends_at_the_tools(team: Team, mailoutbox: list[Any]) -> None:
    schedule = staffed_loop(team, "Coding")
    link = make_link(schedule.interviews.get(), connect(team), "ready", candidate=schedule.candidate)
    send(schedule, team)
    organization = team.organization
    assert part_of_organization.summary(organization) == ["1 candidate", "1 schedule"]
    assert part_of_organization.left_at_vendors(organization) == ["1 coding interview in CodeSignal"]
    assert part_of_organization.cancel(organization, True) == 2  # the cancellations that are on their way
    schedule.refresh_from_db()
    assert schedule.state == Schedule.State.CANCELLED
    assert Message.objects.filter(state="queued").count() == 2
    assert part_of_organization.end_at_vendors(organization) == 1
    link.refresh_from_db()
    assert (link.state, link.candidate_key) == ("cancelling", "")
    for table in part_of_organization.TABLES:
        table._default_manager.filter(organization=organization).delete()
    assert not Candidate.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_delete_each_candidate_once(team: Team) -> None:
    """On PostgreSQL they work at the same moment; on SQLite one after the other."""
    for number in range(12):
        added(team, f"Old {number}", days_ago=400)
    Organization.objects.update(candidate_months=12, candidate_months_since=timezone.now() - timedelta(days=8))
    deleted, failed = [], []

    def work() -> None:
        try:
            deleted.append(retention.delete_due())
        except Exception as problem:  # any: the test fails with it
            failed.append(problem)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == [] and sum(deleted) <= 12
    retention.delete_due()
    assert not Candidate.objects.exists()
    assert AuditEvent.objects.filter(action="candidate.removed").count() == 12


@pytest.mark.parametrize("seed", range(4))
def test_who_is_due_counts_from_the_last_schedule(seed: int, team: Team, clock: Any) -> None:
    """Among schedules without times, that end at once, and that others have."""
    rolls = random.Random(seed)
    expected = {}
    for place in range(30):
        came = NOW - timedelta(days=rolls.choice([10, 100, 300, 500]))
        person = Candidate.objects.create(organization=team.organization, name=f"P{place}", created_at=came)
        ends = [rolls.choice([None, *(NOW - timedelta(days=days) for days in (50, 200, 200, 400, 600))]) for _ in "abc"]
        for end in ends[: rolls.randrange(4)]:
            Schedule.objects.create(
                organization=team.organization, candidate=person, first_starts_at=end, last_ends_at=end
            )
        kept = rolls.choice([{}, {}, {"kept_because": "hired"}, {"kept_because": "agreed", "kept_until": "2030-05-01"}])
        Candidate.objects.filter(pk=person.pk).update(**kept)
        times = [row.last_ends_at for row in person.schedules.all() if row.last_ends_at is not None]
        if kept != {"kept_because": "hired"}:
            expected[person.pk] = max(times, default=came)
    for months in (6, 12):
        team.organization.candidate_months = months
        wanted = [(pk, last) for pk, last in expected.items() if last < NOW - months * MONTH]
        assert list(retention.due(team.organization, NOW)) == sorted(wanted, key=lambda one: (one[1], one[0]))
        assert retention.numbers_due(team.organization, NOW, [months]) == {months: len(wanted)}
        assert {pk for pk in expected if retention.is_due(team.organization, pk, NOW)} == {pk for pk, _last in wanted}


def test_many_who_are_due_are_counted_to_a_bound(team: Team, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "COUNTED", 3)
    monkeypatch.setattr("organizations.lists.MOST_LISTED", 3)
    monkeypatch.setattr(retention, "MOST_LISTED", 3)
    for place in range(5):
        added(team, f"Old {place}", days_ago=700 + place)
    switch(team, 12)
    page = " ".join(team.client(team.admin).get(team.url("settings/privacy/")).content.decode().split())
    assert "more than 3 candidates due now" in page
    assert "More than 3 candidates due in the next 30 days" in page
    assert "Old 4" in page and "Old 1" not in page
