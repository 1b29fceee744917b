"""Our own side fails: a full disk, a broker that is away. Every request still ends with one link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from kombu.exceptions import OperationalError as BrokerAway

from scheduling import coding_links, tasks
from scheduling.models import LinkState
from tests.scheduling.coding_links.conftest import Bench

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def full_disk(when: Callable[[], bool]) -> Callable[..., Any]:
    """Refuse every write as a full disk does, from the moment that `when` is true."""

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")) and when():
            raise OperationalError("database or disk is full")
        return run(sql, params, many, context)

    return execute


def test_a_disk_that_fills_up_after_the_vendor_acted_loses_no_link(bench: Bench) -> None:
    link = bench.request()

    def sent() -> bool:
        return any(r.operation == "createLiveInterview" for r in bench.sandbox.requests)

    with connection.execute_wrapper(full_disk(sent)), pytest.raises(OperationalError):
        coding_links.work_on_link(link.pk)
    link.refresh_from_db()
    assert link.state == LinkState.CREATING
    bench.until_settled()
    link.refresh_from_db()
    assert link.state == LinkState.READY
    assert bench.at_vendor() == [link.external_id]
    assert "interrupted" in bench.codes(link)


def test_a_disk_that_is_full_before_sends_nothing(bench: Bench) -> None:
    link = bench.request()
    with connection.execute_wrapper(full_disk(lambda: True)), pytest.raises(OperationalError):
        coding_links.work_on_link(link.pk)
    assert bench.sandbox.requests == []
    bench.later(10)
    link.refresh_from_db()
    assert link.state == LinkState.READY


def test_a_broker_that_is_away_neither_blocks_nor_loses_the_request(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: Any, **_options: Any) -> None:
        raise BrokerAway("connection refused")

    with monkeypatch.context() as broken:
        broken.setattr(tasks.work_on_link, "apply_async", away)
        link = bench.request()
    assert link.state == LinkState.PENDING
    bench.later(10)
    link.refresh_from_db()
    assert link.state == LinkState.READY


def test_a_link_is_never_made_inside_a_transaction(bench: Bench) -> None:
    link = bench.request()
    with pytest.raises(RuntimeError, match="never called inside a transaction"), transaction.atomic():
        coding_links.work_on_link(link.pk)
    assert bench.sandbox.requests == []
    bench.run()
    link.refresh_from_db()
    assert link.state == LinkState.READY
