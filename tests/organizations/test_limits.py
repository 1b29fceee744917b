"""Limits slide, count for one key only, tell nobody's name, and say when it goes on."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from organizations import limits, tasks
from organizations.limits import LIMITS, Limit, Reached, check, count, note
from organizations.middleware import LimitMiddleware
from organizations.models import Attempt

TWICE = Limit("twice", 2, timedelta(hours=1), "%(most)d of these. The next %(when)s.")


def refusal(limit: Limit, *whose: object) -> Reached:
    with pytest.raises(Reached) as caught:
        count(limit, *whose)
    return caught.value


@pytest.mark.django_db
def test_it_slides_and_refusals_do_not_lengthen_it() -> None:
    with time_machine.travel("2027-03-01T12:00:30Z", tick=False) as clock, timezone.override("Europe/Berlin"):
        count(TWICE, 7, "ada@example.com")
        clock.shift(timedelta(minutes=20))
        count(TWICE, 7, "ada@example.com")
        for _again in range(3):
            reached = refusal(TWICE, 7, "ada@example.com")
        assert reached.message == "2 of these. The next at 14:01."
        assert reached.retry_after == 40 * 60
        count(TWICE, 7, "eve@example.com")
        count(TWICE, 8, "ada@example.com")
        clock.shift(timedelta(minutes=40, seconds=1))
        count(TWICE, 7, "ada@example.com")
        assert refusal(TWICE, 7, "ada@example.com").message == "2 of these. The next at 14:21."


@pytest.mark.django_db
def test_another_day_is_named() -> None:
    late = Limit("late", 1, timedelta(hours=1), "%(most)d. The next %(when)s.")
    with time_machine.travel("2027-03-01T23:30:00Z", tick=False), timezone.override("UTC"):
        count(late, 1)
        assert refusal(late, 1).message == "1. The next on 2 Mar 2027 at 00:30."


@pytest.mark.django_db
def test_looking_counts_nothing_and_what_has_happened_counts() -> None:
    for _again in range(5):
        check(TWICE, 1)
    note(TWICE, 1)
    note(TWICE, 1)
    with pytest.raises(Reached):
        check(TWICE, 1)


@pytest.mark.django_db
def test_what_is_undone_was_not_counted() -> None:
    for _again in range(5):
        with transaction.atomic():
            count(TWICE, 1)
            transaction.set_rollback(True)
    count(TWICE, 1)
    assert Attempt.objects.count() == 1


@pytest.mark.django_db
def test_a_row_tells_of_nobody_and_old_ones_are_deleted() -> None:
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False) as clock:
        count(TWICE, 7, "ada@example.com")
        stored = "".join(str(value) for row in Attempt.objects.values() for value in row.values())
        assert "ada" not in stored
        clock.shift(limits.KEPT_FOR - timedelta(minutes=1))
        tasks.forget_attempts()
        assert Attempt.objects.count() == 1
        clock.shift(timedelta(minutes=2))
        tasks.forget_attempts()
        assert Attempt.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("accept", "kind"), [("text/html", "text/html"), ("application/json", "application/json")])
def test_a_view_that_says_nothing_answers_429(rf: RequestFactory, accept: str, kind: str) -> None:
    """A page for people, JSON for programs, and when to come again for both."""

    def view(_request: HttpRequest) -> HttpResponse:
        raise AssertionError

    with time_machine.travel("2027-03-01T12:00:00Z", tick=False):
        reached = Reached(TWICE, timezone.now() + timedelta(minutes=5))
        request = rf.get("/", headers={"Accept": accept})
        request.user = AnonymousUser()
        response = LimitMiddleware(view).process_exception(request, reached)
    assert response is not None
    assert (response.status_code, response["Retry-After"]) == (429, "300")
    assert response["Content-Type"].startswith(kind)
    assert "2 of these. The next at 12:05." in response.content.decode()
    assert LimitMiddleware(view).process_exception(request, ValueError()) is None


def test_every_limit_is_in_the_table() -> None:
    assert set(LIMITS) == {value for value in vars(limits).values() if isinstance(value, Limit)}


def test_each_limit_has_a_name_and_a_sentence_for_people() -> None:
    assert len({limit.kind for limit in LIMITS}) == len(LIMITS)
    silent = {limits.UNSIGNED_EVENTS, limits.PASSWORD_MAILS, limits.GUESSING_MAILS, limits.NOTICES}
    for limit in LIMITS:
        said = Reached(limit, timezone.now() + timedelta(minutes=5)).message
        assert limit in silent or " at " in said
        assert limit in silent or str(limit.most) in said
        assert len(limit.kind) <= 32
        assert limit.within <= limits.KEPT_FOR


@pytest.mark.django_db(transaction=True)
def test_uses_at_the_same_moment_count_each_other() -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one writer in at a time; `make test-all` runs this on PostgreSQL")
    start, passed = threading.Barrier(8), list[bool]()

    def one() -> None:
        start.wait(timeout=20)
        try:
            with transaction.atomic():
                count(TWICE, 1)
            passed.append(True)
        except Reached:
            passed.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _again in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(passed) == [False] * 6 + [True] * 2
