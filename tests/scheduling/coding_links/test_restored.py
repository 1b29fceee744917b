"""A restored database is older than the coding tool: what was made since is found there, and nothing is made twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from organizations.backup import services
from scheduling.models import CodingLink, LinkState
from tests.organizations.backup.rows import alone
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.steps import ready

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
]


def restore(bench: Bench, backup: Path) -> None:
    """Restore, as a day later: messages of the time before are gone."""
    bench.workers.lose_all()
    alone()
    bench.clock.shift(timedelta(hours=20))
    services.restore(backup, replace=True)


def test_a_link_made_after_the_backup_is_adopted(bench: Bench, tmp_path: Path) -> None:
    link = bench.request()
    services.back_up(tmp_path / "backup")
    bench.run()
    link.refresh_from_db()
    made = link.external_id
    restore(bench, tmp_path / "backup")
    assert CodingLink.objects.get().state == LinkState.PENDING
    bench.until_settled()
    link.refresh_from_db()
    assert (link.state, link.external_id) == (LinkState.READY, made)
    assert bench.at_vendor() == [made]
    assert bench.codes(link) == ["asked", "restored", "found"]


def test_a_link_not_made_after_the_backup_is_made_now(bench: Bench, tmp_path: Path) -> None:
    link = bench.request()
    services.back_up(tmp_path / "backup")
    restore(bench, tmp_path / "backup")
    bench.until_settled()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert bench.at_vendor() == [link.external_id]


def test_of_two_links_of_one_candidate_a_person_chooses(bench: Bench, tmp_path: Path) -> None:
    """Nobody can tell which of the two is whose: both wait for a choice, and there are still two."""
    links = [bench.request(bench.interview()) for _ in range(2)]
    services.back_up(tmp_path / "backup")
    bench.until_settled()
    there = bench.at_vendor()
    assert len(there) == 2
    restore(bench, tmp_path / "backup")
    bench.until_settled()
    for link in links:
        link.refresh_from_db()
        assert (link.state, link.problem_code) == (LinkState.UNKNOWN, "ambiguous")
        assert sorted(choice["id"] for choice in link.choices) == there
    assert bench.at_vendor() == there


def test_a_link_removed_after_the_backup_is_seen_to_be_gone(bench: Bench, tmp_path: Path) -> None:
    link = ready(bench)
    services.back_up(tmp_path / "backup")
    bench.sandbox.delete(link.external_id)
    restore(bench, tmp_path / "backup")
    link.refresh_from_db()
    assert link.state == LinkState.READY
    bench.later(1)
    assert CodingLink.objects.get(pk=link.pk).state == LinkState.CANCELLED


def test_a_claim_of_the_time_before_holds_up_nothing(bench: Bench, tmp_path: Path) -> None:
    link = bench.request()
    CodingLink.objects.update(claim="of a worker that is gone", state=LinkState.CREATING)
    services.back_up(tmp_path / "backup")
    restore(bench, tmp_path / "backup")
    bench.until_settled()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert bench.at_vendor() == [link.external_id]


def test_a_request_that_was_too_early_waits_on(bench: Bench, tmp_path: Path) -> None:
    link = bench.request(bench.interview(starts_in=timedelta(days=40)))
    bench.run()
    services.back_up(tmp_path / "backup")
    restore(bench, tmp_path / "backup")
    link.refresh_from_db()
    assert (link.state, link.problem_code) == (LinkState.PENDING, "")
    assert link.is_too_early
