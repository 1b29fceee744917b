"""An integration's links as the settings show them, and disconnecting it while workers run."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from integrations import actions, pauses
from integrations.hooks.link_counts import LinkCounts, link_counts
from integrations.hooks.risks import risks
from integrations.models import Integration
from integrations.sandbox import Fault
from scheduling import coding_links
from scheduling.models import CodingLink, LinkState
from tests.conftest import Team
from tests.scheduling.coding_links.conftest import Bench

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


def test_links_are_counted_by_what_can_become_of_them(bench: Bench, other_team: Team) -> None:
    assert link_counts(bench.integration) == LinkCounts()
    made = [bench.request(bench.interview(email=f"c{number}@example.com")) for number in range(3)]
    bench.run()
    bench.request(bench.interview(email="waiting@example.com"))
    CodingLink.objects.filter(pk=made[0].pk).update(state=LinkState.ACTIVE)
    CodingLink.objects.filter(pk=made[1].pk).update(state=LinkState.CANCELLING)
    assert link_counts(bench.integration) == LinkCounts(live=3, working=2, unused=1, planned=1, removing=1)
    elsewhere = Integration.objects.create(organization=other_team.organization, kind="codesignal")
    assert link_counts(elsewhere) == LinkCounts()


def test_interviews_without_a_working_link_are_at_risk_the_soonest_first(bench: Bench) -> None:
    bench.request(bench.interview(email="ready@example.com", name="Ready"))
    bench.run()
    bench.request(bench.interview(email="b@example.com", name="Second", starts_in=timedelta(days=3)))
    first = bench.interview(email="a@example.com", name="First", starts_in=timedelta(days=1))
    bench.request(first)
    bench.request(bench.interview(email="c@example.com", name="Far away", starts_in=timedelta(days=20)))
    bench.interview(email="d@example.com", name="Without a link")
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        found = risks(bench.integration)
        starts = timezone.localtime(first.starts_at)
    assert [risk.text.split(" – ")[0] for risk in found] == ["First", "Second"]
    assert f"{starts:%H:%M} GMT+9" in found[0].text
    assert found[0].address == bench.team.url(f"schedules/{first.schedule_id}/communications/")


def test_the_banner_names_them(bench: Bench) -> None:
    bench.request(bench.interview(name="Ada Byron"))
    pauses.pause(
        integration_id=bench.integration.pk,
        key_version=bench.integration.key_version,
        problem_code="key_rejected",
        problem_params={},
    )
    page = bench.team.client(bench.team.recruiter).get(bench.team.url("settings/profile/"))
    assert "At risk: Ada Byron – Coding" in unescape(page.content.decode())


def test_disconnecting_removes_unused_links_at_the_vendor_and_then_forgets_the_key(bench: Bench) -> None:
    bench.request()
    bench.run()
    assert len(bench.at_vendor()) == 1
    actions.disconnect(integration=bench.integration, actor=bench.team.admin.user, delete_links=True)
    assert actions.forget_keys() == 0
    coding_links.sweep()
    bench.until_settled()
    assert bench.at_vendor() == []
    assert actions.forget_keys() == 1
    assert Integration.objects.get(pk=bench.integration.pk).api_key == ""


def test_disconnecting_can_leave_them_working(bench: Bench) -> None:
    bench.request()
    bench.run()
    actions.disconnect(integration=bench.integration, actor=bench.team.admin.user, delete_links=False)
    bench.later(60)
    assert len(bench.at_vendor()) == 1
    assert CodingLink.objects.get().state == LinkState.READY
    assert Integration.objects.get(pk=bench.integration.pk).api_key == ""


def test_a_key_that_dies_while_links_are_removed_is_not_tried_again_and_what_stays_is_said(bench: Bench) -> None:
    bench.request(bench.interview(email="a@example.com"))
    bench.request(bench.interview(email="b@example.com"))
    bench.run()
    bench.sandbox.revoke(bench.integration.api_key)
    actions.disconnect(integration=bench.integration, actor=bench.team.admin.user, delete_links=True)
    bench.sandbox.forget_requests()
    bench.until_settled(hours=20)
    assert len(bench.sandbox.requests) == 2
    for link in CodingLink.objects.order_by("id"):
        assert (link.state, bench.codes(link)[-1]) == (LinkState.CANCELLED, "key_gone")
        assert link.events.latest("id").params == {"because": "left_without_key"}
    assert actions.forget_keys() == 1


def test_a_removal_that_the_vendor_refuses_ends_with_the_key(bench: Bench) -> None:
    link = bench.request()
    bench.run()
    bench.sandbox.fault(Fault.BAD_GATEWAY_BEFORE, operation="deleteLiveInterview", times=20)
    actions.disconnect(integration=bench.integration, actor=bench.team.admin.user, delete_links=True)
    bench.until_settled(hours=20)
    link.refresh_from_db()
    assert link.state == LinkState.CANCELLING
    assert link.next_attempt_at is None
    assert link.problem_code
    bench.clock.shift(actions.CLEAN_UP_FOR)
    assert actions.forget_keys() == 1
    bench.later(10)
    assert bench.codes(link)[-1] == "key_gone"
