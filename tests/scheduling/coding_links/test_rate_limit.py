"""The rate limit of a key: kept by all processes together, slowed down when told, and never in another key's way."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from benchmarks.waiting import queue_links
from integrations import rate_limit
from integrations.base import Operation
from integrations.models import Integration
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.coding_links.queue import MAX_CLAIMS, MAX_CREATING, MAX_TOGETHER
from scheduling.models import CodingLink, LinkState
from tests.conftest import make_team
from tests.scheduling.coding_links.conftest import Bench

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

ROOT = Path(__file__).resolve().parents[3]
LIMIT = 20
# A tenth under the limit: this machine may be so busy that it holds a sender up between its slot and its request.
CEILING = 18
ASKERS, THREADS, TIMES = 3, 2, 10

PREPARE = """
import os, django
django.setup()
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
from integrations.models import Integration
from organizations.models import Organization
organization = Organization.objects.create(name="Limits", slug="limits")
key, rate = os.environ["ASKER_KEY"], float(os.environ["ASKER_RATE"])
rates = dict(write_ceiling=rate, read_ceiling=rate, write_rate=rate, read_rate=rate)
made = Integration.objects.create(organization=organization, kind="codesignal", state="connected", api_key=key, **rates)
print(made.pk)
"""
ASK = """
import os, sys, threading, django
django.setup()
from django.db import connections
from integrations.vendor_calls import call_in_background
from integrations.models import Integration

def ask():
    for _ in range(int(os.environ["ASKER_TIMES"])):
        call_in_background(Integration.objects.get(pk=int(sys.argv[1])), lambda tool: tool.list_links(most=1))
    connections.close_all()

threads = [threading.Thread(target=ask) for _ in range(int(os.environ["ASKER_THREADS"]))]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def processes_environment(bench: Bench, folder: Path) -> dict[str, str]:
    """For processes with a database of their own; on PostgreSQL it is the tests'."""
    url = f"sqlite:///{folder / 'limits.sqlite3'}"
    if connection.vendor == "postgresql":
        found = connection.settings_dict
        url = f"postgres://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "FERNET_KEYS": settings.FERNET_KEYS[0],
        "CODESIGNAL_API_URL": bench.sandbox.graphql_url,
        "ASKER_KEY": bench.sandbox.make_key(),
        "ASKER_RATE": str(CEILING),
        "ASKER_TIMES": str(TIMES),
        "ASKER_THREADS": str(THREADS),
    }


@pytest.mark.thorough
def test_processes_and_threads_together_never_exceed_the_limit_in_any_second(bench: Bench, tmp_path: Path) -> None:
    bench.sandbox.configure(queries_per_second=LIMIT)
    environment = processes_environment(bench, tmp_path)
    prepared = subprocess.run(
        [sys.executable, "-c", PREPARE], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    command = [sys.executable, "-c", ASK, prepared.stdout.split()[-1]]
    askers = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(ASKERS)]
    assert [asker.wait(timeout=60) for asker in askers] == [0] * ASKERS
    asked = [request for request in bench.sandbox.requests if request.operation == "liveInterviews"]
    assert len(asked) == ASKERS * THREADS * TIMES
    assert bench.sandbox.refused_by_rate_limit == 0
    assert bench.sandbox.max_in_any_second("query") <= LIMIT
    # It is one budget, and it is used: not one budget each, and not one after the other.
    assert len(asked) / (asked[-1].arrived - asked[0].arrived) > CEILING / 2


def set_rate(integration: Integration, rate: float) -> None:
    Integration.objects.filter(pk=integration.pk).update(
        write_ceiling=rate,
        read_ceiling=rate,
        write_rate=rate,
        read_rate=rate,
        next_write_at=timezone.now(),
        next_read_at=timezone.now(),
    )


def rate_of(bench: Bench) -> float:
    return float(Integration.objects.get(pk=bench.integration.pk).write_rate)


@pytest.mark.parametrize(
    ("fault", "rest"),
    [
        (Fault.RATE_LIMITED_RETRY_AFTER, 7),
        (Fault.RATE_LIMITED_BARE, 1),
        (Fault.RATE_LIMITED_IN_200, 1),
    ],
)
def test_told_that_it_is_too_fast_it_rests_slows_down_and_recovers(bench: Bench, fault: Fault, rest: int) -> None:
    set_rate(bench.integration, 4)
    bench.sandbox.fault(fault, operation="createLiveInterview", retry_after=7)
    link = bench.request()
    told_at = timezone.now()
    bench.workers.do(bench.workers.messages.pop(0))
    assert rate_of(bench) == 2
    assert Integration.objects.get().next_write_at >= told_at + timedelta(seconds=rest)
    link.refresh_from_db()
    assert (link.state, link.attempts) == (LinkState.PENDING, 0)
    bench.workers.lose_all()
    bench.later(rest + 0.1)
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert len([one for one in bench.sandbox.requests if one.operation == "createLiveInterview"]) == 2
    rates = []
    for _ in range(3):
        bench.clock.shift(timedelta(seconds=11))
        rate_limit.reserve(bench.integration.pk, "write", max_wait=1)
        rates.append(rate_of(bench))
    assert rates == [3, 4, 4]


def test_one_burst_that_is_refused_is_one_lesson(bench: Bench) -> None:
    set_rate(bench.integration, 8)
    for _ in range(5):
        rate_limit.throttle(bench.integration.pk, "write", retry_after=None)
    assert rate_of(bench) == 4


def test_a_lower_ceiling_counts_at_once(bench: Bench) -> None:
    set_rate(bench.integration, 8)
    Integration.objects.update(write_ceiling=2)
    rate_limit.reserve(bench.integration.pk, "write", max_wait=1)
    assert rate_of(bench) == 2


def test_who_comes_late_to_a_slot_moves_the_next_ones(bench: Bench) -> None:
    set_rate(bench.integration, 10)
    slot = rate_limit.reserve(bench.integration.pk, "write", max_wait=1)
    bench.clock.shift(timedelta(seconds=0.09))
    used_at = timezone.now()
    rate_limit.wait_until(bench.integration.pk, "write", slot, max_wait=1)
    after = rate_limit.reserve(bench.integration.pk, "write", max_wait=1)
    assert after - used_at >= timedelta(seconds=0.1)


def test_who_comes_late_where_others_have_slots_far_ahead_takes_a_new_one(bench: Bench) -> None:
    set_rate(bench.integration, 10)
    slot = rate_limit.reserve(bench.integration.pk, "write", max_wait=1)
    others = [rate_limit.reserve(bench.integration.pk, "write", max_wait=10) for _ in range(15)]
    bench.clock.shift(timedelta(seconds=0.09))
    with pytest.raises(rate_limit.NoSlot) as full:
        rate_limit.wait_until(bench.integration.pk, "write", slot, max_wait=0.1)
    assert full.value.at > others[-1]


def test_the_first_sender_after_a_rest_may_be_slow_to_send(bench: Bench) -> None:
    """Its connections and its threads are cold: what it sends 50 ms after its slot crowds nobody's second."""
    set_rate(bench.integration, 10)
    bench.clock.shift(timedelta(seconds=5))
    slots = [rate_limit.reserve(bench.integration.pk, "write", max_wait=9) for _ in range(12)]
    assert slots[10] - slots[0] >= timedelta(seconds=1.05)
    assert slots[11] - slots[1] < timedelta(seconds=1.03), "only the first is given time"


def test_who_can_not_wait_takes_no_slot(bench: Bench) -> None:
    set_rate(bench.integration, 1)
    rate_limit.reserve(bench.integration.pk, "read", max_wait=0)
    before = Integration.objects.get().next_read_at
    with pytest.raises(rate_limit.NoSlot) as full:
        rate_limit.reserve(bench.integration.pk, "read", max_wait=0.5)
    assert full.value.at == before == Integration.objects.get().next_read_at


def crowd(bench: Bench, size: int, name: str = "crowd", rate: float = 5) -> Integration:
    """Another organization with so many rows that wait."""
    team = make_team(name)
    key = bench.sandbox.make_key(company=name)
    made = Integration.objects.create(
        organization=team.organization, kind="codesignal", state="connected", api_key=key, company_id=name
    )
    set_rate(made, rate)
    queue_links(made, size)
    return made


def test_keys_take_turns(bench: Bench) -> None:
    """One worker has too much to do for all keys: none is served to its end while another waits for its first links.

    A turn of a key is as many claims as may create, each with the rows that a worker begins within half a second; one
    more may have begun when it ends.
    """
    turn = MAX_CREATING * 2 * MAX_TOGETHER
    keys = [crowd(bench, 2 * turn, f"key-{number}", rate=10) for number in range(4)]
    bench.sweep_later(1)
    for _message in range(400):
        made = {key.pk: 0 for key in keys}
        ready = CodingLink.objects.filter(state=LinkState.READY).values_list("integration").annotate(Count("pk"))
        made |= dict(ready)
        assert max(made.values()) - min(made.values()) <= turn + MAX_TOGETHER, made
        if max(made.values()) == 2 * turn:
            return
        bench.clock.shift(timedelta(seconds=0.1))
        bench.workers.some(1)
        if not bench.workers.messages:
            coding_links.sweep()
    raise AssertionError(f"no key was served to its end: {made}")


@pytest.mark.thorough
@pytest.mark.parametrize("size", [300, 10_000])
def test_waiting_rows_of_one_organization_do_not_delay_anothers_click(bench: Bench, size: int) -> None:
    """One worker takes every message in turn, the worst there is. Work is counted: time depends on the machine."""
    waiting = crowd(bench, size)
    before = []
    for _ in range(4):
        bench.sweep_later(2)
        bench.workers.some(MAX_CLAIMS)  # the backlog is being worked on
        link = bench.request(bench.interview())
        before.append(bench.workers.until(CodingLink.objects.filter(pk=link.pk, state=LinkState.READY).exists))
    assert max(before) <= MAX_CLAIMS + 1
    made = CodingLink.objects.filter(integration=waiting, state=LinkState.READY).count()
    assert 0 < made < min(size, 1000)
    assert len(bench.workers.messages) + len(bench.workers.delayed) <= MAX_CLAIMS + 1


def test_rows_that_wait_for_a_new_key_send_no_messages_around(bench: Bench) -> None:
    waiting = crowd(bench, 50)
    bench.sweep_later(10)
    Integration.objects.filter(pk=waiting.pk).update(state=Integration.State.PAUSED)
    for _ in range(30):
        bench.sweep_later(10)
        bench.workers.some(40)
    assert (bench.workers.messages, bench.workers.delayed) == ([], [])
    assert [one for one in bench.sandbox.requests if one.key_id == bench.sandbox.key_id(waiting.api_key)] == []


def test_rows_that_wait_for_the_budget_send_no_messages_around(bench: Bench) -> None:
    waiting = crowd(bench, 200)
    rate_limit.throttle(waiting.pk, "write", retry_after=3000)
    for _ in range(30):
        bench.sweep_later(10)
        bench.workers.some(40)
        assert len(bench.workers.messages) + len(bench.workers.delayed) <= MAX_CLAIMS
    assert CodingLink.objects.filter(integration=waiting, state=LinkState.PENDING, attempts=0).count() == 200


def test_rows_that_wait_for_the_budget_of_look_ups_send_no_messages_around(bench: Bench) -> None:
    waiting = crowd(bench, 20)
    rate_limit.throttle(waiting.pk, "read", retry_after=3000)
    bench.sweep_later(10)
    assert (bench.workers.messages, bench.workers.delayed) == ([], [])


@pytest.mark.parametrize("edited", [True, False], ids=["an edit", "a look"])
@pytest.mark.parametrize("kind", ["write", "read"])
def test_what_is_due_for_a_made_link_waits_for_its_own_kind_of_budget_alone(
    bench: Bench, edited: bool, kind: Operation
) -> None:
    link = bench.request(bench.interview())
    bench.run()
    CodingLink.objects.filter(pk=link.pk).update(next_attempt_at=timezone.now(), edit_due=edited)
    rate_limit.throttle(bench.integration.pk, kind, retry_after=3000)
    bench.sweep_later(10)
    waits = edited == (kind == "write")
    assert (bench.workers.messages == []) == waits


@pytest.mark.thorough
def test_many_links_of_one_key_take_few_look_ups(bench: Bench) -> None:
    waiting = crowd(bench, 120)
    set_rate(waiting, 1000)
    bench.later(1)
    bench.until_settled()
    assert CodingLink.objects.filter(integration=waiting, state=LinkState.READY).count() == 120
    assert len(bench.sandbox.requests) <= 120 * 1.1
