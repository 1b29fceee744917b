"""A key that stops working, from the first refusal to the new key: what waits is told, loses no try, and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail

from config.celery import app
from integrations import tasks
from integrations.models import Integration
from integrations.sandbox import Fault
from integrations.vendor_calls import call_in_background
from scheduling.models import CodingLink, LinkState
from tests.scheduling.coding_links.conftest import Bench

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(autouse=True)
def checks_at_once(bench: Bench) -> Iterator[None]:
    """Run checks of the key where they are enqueued. The links' own work waits for `bench.run`."""
    account = call_in_background(bench.integration, lambda tool: tool.check_credentials())
    Integration.objects.update(company_id=account.company_id)
    bench.integration.refresh_from_db()
    bench.sandbox.forget_requests()
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def wanted(bench: Bench) -> list[CodingLink]:
    names = ("Ada Byron", "Grace Hopper", "Radia Perlman")
    return [
        bench.request(bench.interview(name=name, email=f"{name[0]}@example.com", starts_in=timedelta(days=2 + number)))
        for number, name in enumerate(names)
    ]


def state_and_problem() -> tuple[str, str]:
    """The integration's state and the code of its problem."""
    return Integration.objects.values_list("state", "problem_code").get()


def replace_key(bench: Bench, key: str) -> None:
    """Replace the key as an admin does, in the settings."""
    address = bench.team.url("settings/integrations/codesignal/connect/")
    assert bench.team.client(bench.team.admin).post(address, {"api_key": key}).status_code < 400


@pytest.mark.parametrize("made_already", [False, True], ids=["at the look-up", "at the create"])
def test_a_dead_key_pauses_all_work_and_a_new_one_resumes_it(bench: Bench, made_already: bool) -> None:
    waiting = wanted(bench)
    if made_already:  # refused only when the vendor is asked to make something
        bench.sandbox.fault(Fault.UNAUTHORIZED, operation="createLiveInterview")
        bench.boundary.after.append(lambda: bench.sandbox.revoke(bench.integration.api_key))
    else:
        bench.sandbox.revoke(bench.integration.api_key)
    bench.run()
    assert state_and_problem() == ("paused", "key_rejected")
    asked = len(bench.sandbox.requests)
    for _ in range(5):
        bench.later(1800)
        tasks.sweep()
    assert len(bench.sandbox.requests) == asked, "a paused key is asked for nothing"
    rows = CodingLink.objects.order_by("id").values_list("state", "attempts")
    assert list(rows) == [(LinkState.PENDING, 0)] * len(waiting)

    [letter] = mail.outbox
    assert letter.to == [bench.team.admin.user.email]
    admin = bench.team.client(bench.team.admin)
    for name in ("Ada Byron", "Grace Hopper", "Radia Perlman"):
        assert f"{name} – Coding" in letter.body
        # On every page but Home, whose list says it.
        assert f"{name} – Coding" in unescape(admin.get(bench.team.url("settings/profile/")).content.decode())
    assert "Replace key" in admin.get(bench.team.url("home/")).content.decode()

    replace_key(bench, bench.sandbox.make_key(company="Acme Corp"))
    assert state_and_problem() == ("connected", "")
    bench.run()
    links = CodingLink.objects.order_by("id")
    assert [link.state for link in links] == [LinkState.READY] * len(waiting)
    assert bench.at_vendor() == sorted(link.external_id for link in links)
    assert [one.subject for one in mail.outbox].count(letter.subject) == 1


def test_a_check_on_the_schedule_finds_a_dead_key_before_any_link_needs_it(bench: Bench) -> None:
    assert app.conf.beat_schedule["integrations-check"]["task"] == tasks.check_integrations.name
    assert len(app.conf.beat_schedule["integrations-check"]["schedule"].hour) == 24
    bench.sandbox.revoke(bench.integration.api_key)
    tasks.check_integrations()
    assert state_and_problem() == ("paused", "key_rejected")
    assert len(mail.outbox) == 1


def test_whatever_beat_sends_is_a_task_that_workers_know() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
