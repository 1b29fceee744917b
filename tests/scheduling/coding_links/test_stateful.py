"""Random lives of links: faults, clicks, moves, new keys, crashes, lost and doubled messages, in any order.

Each seed gives the same few lives every time; a failing test names its seed. `make test` lives the first seed, and
`make test-all` all of them, on both databases. A longer search with other seeds:
`STATEFUL_SEED=1000 STATEFUL_SEEDS=500 pytest tests/scheduling/coding_links/test_stateful.py`.
"""

from __future__ import annotations

import os
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from integrations.models import Integration
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.coding_links.random_life import RandomLife, new_vendor
from tests.thorough import mostly

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.timeout(600)]

FIRST = int(os.environ.get("STATEFUL_SEED", "1"))
SEEDS = int(os.environ.get("STATEFUL_SEEDS", "20"))
STEPS = int(os.environ.get("STATEFUL_STEPS", "30"))
# Few to a seed: the first is the simplest there is, the later ones resemble each other.
LIVES = 4
# So many seeds in every run of the tests; the others are marked as thorough.
ALWAYS = 1


@pytest.mark.parametrize("seed", mostly(range(FIRST, FIRST + SEEDS), ALWAYS))
def test_whatever_happens_each_interview_ends_with_one_link_or_a_word(bench: Bench, settings: Any, seed: int) -> None:
    settings.CODESIGNAL_TIMEOUT = 0.25
    print(f"STATEFUL_SEED={seed} STATEFUL_SEEDS=1 STATEFUL_STEPS={STEPS}")

    def life() -> RandomLife:
        settings.CODESIGNAL_API_URL = new_vendor(bench).graphql_url
        made = RandomLife(bench)
        Integration.objects.update(write_ceiling=1000, read_ceiling=1000, write_rate=1000, read_rate=1000)
        return made

    profile = hypothesis.settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if os.environ.get("STATEFUL_SHRINK") else [])],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    begin: Any = hypothesis.seed(seed)(life)
    run_state_machine_as_test(begin, settings=profile, _min_steps=STEPS)
