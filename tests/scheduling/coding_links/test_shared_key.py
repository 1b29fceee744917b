"""Two organizations with the very same key: the vendor counts their requests together, and so do we."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from itertools import pairwise

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from integrations import rate_limit
from integrations.actions import connect, disconnect
from integrations.base import Account
from integrations.models import Integration, KeyCheck
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import CodingLink, LinkState
from tests.conftest import Team
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.test_rate_limit import set_rate

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


def connected(team: Team, key: str) -> Integration:
    check = KeyCheck.objects.create(
        organization=team.organization, kind="codesignal", api_key=key, asked_by=team.admin.user
    )
    made = connect(check=check, account=Account("acme", "Acme Corp", {}))
    assert made is not None
    set_rate(made, 4)
    return made


@pytest.fixture
def two(bench: Bench, other_team: Team) -> tuple[Integration, Integration]:
    key = bench.sandbox.make_key()
    return connected(bench.team, key), connected(other_team, key)


def test_they_take_turns_in_one_budget(two: tuple[Integration, Integration]) -> None:
    slots = [rate_limit.reserve(two[number % 2].pk, "read", max_wait=9) for number in range(6)]
    gaps = [after - before for before, after in pairwise(slots)]
    assert all(gap >= timedelta(seconds=0.25) for gap in gaps)
    one, other = (Integration.objects.get(pk=row.pk) for row in two)
    assert one.next_read_at == other.next_read_at > slots[-1]


def test_who_comes_late_moves_the_slots_of_both(bench: Bench, two: tuple[Integration, Integration]) -> None:
    slot = rate_limit.reserve(two[0].pk, "read", max_wait=1)
    bench.clock.shift(timedelta(seconds=0.2))
    used_at = timezone.now()
    rate_limit.wait_until(two[0].pk, "read", slot, max_wait=1)
    assert rate_limit.reserve(two[1].pk, "read", max_wait=1) - used_at >= timedelta(seconds=0.25)


def test_what_one_is_told_slows_both_down(two: tuple[Integration, Integration]) -> None:
    now = timezone.now()
    rate_limit.throttle(two[1].pk, "write", retry_after=30)
    with pytest.raises(rate_limit.NoSlot) as full:
        rate_limit.reserve(two[0].pk, "write", max_wait=1)
    assert full.value.at >= now + timedelta(seconds=30)
    assert [Integration.objects.get(pk=row.pk).write_rate for row in two] == [2, 2]


def test_a_link_made_for_one_is_counted_for_the_other(bench: Bench, two: tuple[Integration, Integration]) -> None:
    for row in two:
        set_rate(row, 0.1)
    bench.integration = two[0]
    link = bench.request()
    bench.run()
    assert CodingLink.objects.get(pk=link.pk).state == LinkState.READY
    with pytest.raises(rate_limit.NoSlot):
        rate_limit.reserve(two[1].pk, "write", max_wait=1)


def test_another_key_and_none_keep_to_themselves(
    bench: Bench, other_team: Team, two: tuple[Integration, Integration]
) -> None:
    one, other = two
    disconnect(integration=other, actor=bench.team.admin.user, delete_links=False)
    rate_limit.throttle(one.pk, "read", retry_after=60)
    assert rate_limit.reserve(other.pk, "read", max_wait=1) < timezone.now() + timedelta(seconds=1)
    Integration.objects.update(budget="")
    assert rate_limit.reserve(other.pk, "read", max_wait=1) < timezone.now() + timedelta(seconds=1)
    again = connected(other_team, "another-key")
    assert rate_limit.reserve(again.pk, "read", max_wait=1) < timezone.now() + timedelta(seconds=1)


def test_the_key_can_not_be_read_from_what_tells_it(two: tuple[Integration, Integration]) -> None:
    row = Integration.objects.get(pk=two[0].pk)
    assert len(row.budget) == 64
    assert row.api_key[-4:] not in row.budget
    assert row.budget == Integration.objects.get(pk=two[1].pk).budget != rate_limit.budget_of(row.api_key + "x")


def test_keys_that_were_stored_before_are_told_too(two: tuple[Integration, Integration]) -> None:
    Integration.objects.update(budget="")
    migration = import_module("integrations.migrations.0007_budgets_of_stored_keys")
    with connection.schema_editor() as editor:
        migration.tell(apps, editor)
    assert Integration.objects.get(pk=two[0].pk).budget == rate_limit.budget_of(
        Integration.objects.get(pk=two[0].pk).api_key
    )
    rate_limit.reserve(two[0].pk, "read", max_wait=1)
    assert Integration.objects.get(pk=two[1].pk).next_read_at > timezone.now()


def test_what_another_organization_made_with_the_same_key_is_never_taken_over(
    bench: Bench, other_team: Team, two: tuple[Integration, Integration]
) -> None:
    """Both schedule the same person, and one's answer is lost before the vendor acted: the other's is not theirs."""
    bench.integration = two[0]
    lost = bench.request()
    bench.sandbox.fault(Fault.DROP_BEFORE, operation="createLiveInterview")
    bench.boundary.after = [None, lambda: made_by_the_other(bench, other_team, two[1])]
    bench.until_settled()
    lost.refresh_from_db()
    theirs = CodingLink.objects.get(integration=two[1])
    assert (lost.state, theirs.state) == (LinkState.READY, LinkState.READY)
    assert sorted(bench.at_vendor()) == sorted([lost.external_id, theirs.external_id])


def made_by_the_other(bench: Bench, team: Team, integration: Integration) -> None:
    same = Bench(team, bench.sandbox, integration, bench.workers, bench.clock)
    coding_links.work_on_link(same.request(same.interview()).pk)
