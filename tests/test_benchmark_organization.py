"""The organization that is measured is whole: its rows fit each other, and the product finds nothing to mend."""

from __future__ import annotations

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.db.models import Count, Max, Min
from django.utils import timezone

from benchmarks.organization import fill
from organizations.search import search_key
from scheduling.join_links.services import find
from scheduling.messages.message_context import load_message_context, needed
from scheduling.messages.services import propose_updates
from scheduling.models import Candidate, CodingLink, Interview, JoinLink, Message, Schedule

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("day", ["2026-11-25", "2026-11-28", "2026-11-29"])  # a Wednesday, and a weekend
def test_its_rows_fit_each_other(day: str) -> None:
    with time_machine.travel(f"{day}T12:30:00Z", tick=False):
        rows_fit_each_other()


def rows_fit_each_other() -> None:
    organization = fill("whole", interviews=600)
    connection.check_constraints()
    schedules = Schedule.objects.filter(organization=organization)
    assert abs(Interview.objects.filter(organization=organization).count() - 600) <= 3
    spans = schedules.exclude(state="cancelled").annotate(a=Min("interviews__starts_at"), b=Max("interviews__ends_at"))
    assert all((row.first_starts_at, row.last_ends_at) == (row.a, row.b) for row in spans)
    assert schedules.filter(last_ends_at__gt=timezone.now()).count() == 150
    found = Candidate.objects.filter(organization=organization)
    assert all(row.search_key == search_key(row.name, row.email) for row in found)
    assert 0.1 < found.filter(name__contains="García").count() / found.count() < 0.15
    states = dict(CodingLink.objects.filter(organization=organization).values_list("state").annotate(Count("id")))
    assert {"ready", "pending", "failed", "finished", "expired", "cancelled"} <= set(states)
    link = JoinLink.objects.filter(organization=organization).order_by("-id")[0]
    assert find(link.token) == link


def test_what_was_sent_says_what_is_so() -> None:
    """Nobody needs an update, except where a draft waits for them: a failed message waits for a person."""
    organization = fill("told", interviews=100)
    for schedule in Schedule.objects.filter(organization=organization, last_ends_at__gt=timezone.now()).order_by("id"):
        context = load_message_context(schedule.pk)
        waiting = set()
        for key in context.recipient_keys():
            if needed(context, key):
                waiting.add(key)
        unsent = Message.objects.filter(schedule=schedule, state="draft")
        told = {(row.audience, row.membership_id) for row in unsent}
        assert {key for key in waiting if key != ("candidate", None) or schedule.candidate.email} == told


def test_the_product_goes_on_from_it() -> None:
    organization = fill("next", interviews=60)
    schedule = Schedule.objects.filter(organization=organization).order_by("id")[0]
    before = Message.objects.count()
    assert propose_updates(schedule=schedule, actor=None) is not None
    assert Message.objects.count() == before
    Candidate.objects.create(organization=organization, name="New")
    with pytest.raises(IntegrityError):
        Candidate.objects.create(pk=Candidate.objects.latest("pk").pk, organization=organization, name="Again")
