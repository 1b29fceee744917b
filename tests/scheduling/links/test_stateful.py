"""Random lives of links: faults, clicks, moves, new keys, crashes, lost and doubled nudges, in any order.

A short run is the same each time; its seed and size come from STATEFUL_SEED and STATEFUL_LIVES, so that a longer search
is `STATEFUL_SEED=7 STATEFUL_LIVES=1000 pytest tests/scheduling/links/test_stateful.py`.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from integrations.models import Integration
from tests.scheduling.links.conftest import Bench
from tests.scheduling.links.random_life import RandomLife, new_vendor

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.timeout(0)]

SEED = int(os.environ.get("STATEFUL_SEED", "20270301"))
LIVES = int(os.environ.get("STATEFUL_LIVES", "80"))
STEPS = int(os.environ.get("STATEFUL_STEPS", "30"))
SHRINK = os.environ.get("STATEFUL_SHRINK", "yes") == "yes"


def test_whatever_happens_each_interview_ends_with_one_link_or_a_word(bench: Bench, settings: Any) -> None:
    settings.CODESIGNAL_TIMEOUT = 0.25
    print(f"STATEFUL_SEED={SEED} STATEFUL_LIVES={LIVES} STATEFUL_STEPS={STEPS}")

    def life() -> RandomLife:
        settings.CODESIGNAL_API_URL = new_vendor(bench).graphql_url
        made = RandomLife(bench)
        Integration.objects.update(mutation_ceiling=1000, query_ceiling=1000, mutation_rate=1000, query_rate=1000)
        return made

    begin: Any = seed(SEED)(life)
    run_state_machine_as_test(begin, settings=_profile())


def _profile() -> settings:
    return settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if SHRINK else [])],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
