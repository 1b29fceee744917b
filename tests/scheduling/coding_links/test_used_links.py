"""A link that is used, or was, is no news: nobody is written to about it, and nothing says that it is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from scheduling.messages import services as message_services
from scheduling.messages.message_context import load_message_context, needed
from scheduling.models import CodingLink, Interview, LinkState, Schedule
from tests.scheduling.clicks import plan_of
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.test_webhooks import finished
from tests.scheduling.message_steps import assign, composed, move, propose, send

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


def invited(bench: Bench) -> tuple[Interview, CodingLink]:
    """A coding interview that has just begun, with its link; everybody was notified of it."""
    interview = bench.interview(starts_in=timedelta(hours=1))
    plan_of(interview, link_tool="codesignal")
    interview.refresh_from_db()
    assign(interview, bench.team.interviewer)
    link = bench.request(interview)
    bench.run()
    assert len(send(interview.schedule, bench.team)) == 2
    bench.later(3600 + 300)
    link.refresh_from_db()
    return interview, link


def not_notified(schedule: Schedule) -> list[str]:
    context = load_message_context(schedule.pk)
    return [kind for key in context.recipient_keys() if (kind := needed(context, key)) is not None]


def warnings(bench: Bench, schedule: Schedule) -> list[str]:
    """The warnings of the next message, which another change of the schedule causes."""
    move(schedule.interviews.get(), minutes=1)
    propose(schedule, bench.team)
    found = [check.code for content in composed(schedule, bench.team).values() for check in content.checks]
    return [code for code in found if code != "past"]


@pytest.mark.parametrize("last_notified", ["webhook", "polling"])
@pytest.mark.parametrize("deed", ["started", "finished"])
def test_a_link_in_use_is_no_news(bench: Bench, post: Callable[..., int], deed: str, last_notified: str) -> None:
    interview, link = invited(bench)
    bench.sandbox.start_interview(link.external_id)
    if deed == "finished":
        bench.sandbox.finish(link.external_id)
    if last_notified == "webhook":
        assert post(finished(link.external_id)) == 200
        bench.run()
    else:
        bench.later(301)
    link.refresh_from_db()
    assert link.state == {"started": LinkState.ACTIVE, "finished": LinkState.FINISHED}[deed]
    assert not_notified(interview.schedule) == []
    assert message_services.propose_updates(schedule=interview.schedule, actor=None) == []
    assert warnings(bench, interview.schedule) == []


def test_a_link_that_was_never_used_is_no_news_once_the_interview_is_over(bench: Bench) -> None:
    interview, link = invited(bench)
    CodingLink.objects.filter(pk=link.pk).update(state=LinkState.EXPIRED)
    bench.later(3600)
    assert not_notified(interview.schedule) == []
    assert warnings(bench, interview.schedule) == []


def test_a_link_that_expired_before_its_interview_is_missing(bench: Bench) -> None:
    interview = bench.interview()
    assign(interview, bench.team.interviewer)
    link = bench.request(interview)
    bench.run()
    CodingLink.objects.filter(pk=link.pk).update(state=LinkState.EXPIRED, expires_at=timezone.now())
    assert set(warnings(bench, interview.schedule)) == {"link_missing"}


def test_the_latest_of_several_used_links_counts(bench: Bench) -> None:
    """It was tried out the day before, and the next one is used in the interview."""
    interview, first = invited(bench)
    CodingLink.objects.filter(pk=first.pk).update(state=LinkState.FINISHED)
    second = bench.request(interview)
    bench.run()
    assert load_message_context(interview.schedule_id).snapshot.coding_links[interview.pk] == second
    CodingLink.objects.filter(pk=second.pk).update(state=LinkState.FINISHED)
    assert load_message_context(interview.schedule_id).snapshot.coding_links[interview.pk] == second
