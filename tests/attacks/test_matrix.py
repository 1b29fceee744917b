"""Every address x verb x htmx or not x role x tenant: no error, no foreign word, no foreign row changed.

The cells are made from the lists of tests/test_addresses.py, so a new address or role is in them at once. A sample runs
each time, always the same; all of them run in `make test-all`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import models
from django.test import Client

from organizations.models import Membership
from tests.attacks.foreign import SECRET
from tests.conftest import Team
from tests.everything import Rows
from tests.fuzz.conftest import rows, the_demos_pages_too, theirs  # noqa: F401 - fixtures
from tests.fuzz.probe import Probe, Share
from tests.test_addresses import OURS, address_of

pytestmark = pytest.mark.django_db

VERBS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
VISITOR = "visitor"
ROLES = [*Membership.Role.values, VISITOR]
#: At one's own address with one's own rows; there with rows of another organization; at the other one's address.
TENANTS = ("own", "foreign ids", "foreign")
#: One of so many cells is tried in every run.
OFTEN = 32


@dataclass(frozen=True)
class Cell:
    name: str
    address: str
    verb: str
    htmx: bool
    role: str
    tenant: str

    @property
    def expected(self) -> set[int]:
        """The statuses that are no leak; empty where the role may do what it asks for."""
        if self.role == VISITOR:
            return {302}
        return set() if self.tenant == "own" else {403, 404, 405}


def cells(role: str, team: Team, other: Team, ours: Rows, foreign: Rows) -> Iterator[Cell]:
    """All cells of a role, except those that ask for the same as another one: without an id no row is foreign."""
    places = {"own": (team.slug, ours), "foreign ids": (team.slug, foreign), "foreign": (other.slug, foreign)}
    for name in OURS:
        for tenant in TENANTS if "<int:" in OURS[name] else ("own", "foreign"):
            address = address_of(name, *places[tenant])
            for verb in VERBS:
                for htmx in (False, True):
                    yield Cell(name, address, verb, htmx, role, tenant)


@pytest.mark.timeout(1800)  # some minutes on a quiet machine
@pytest.mark.parametrize("one_of", [OFTEN, pytest.param(1, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("role", ROLES)
def test_no_cell_tells_or_changes_what_is_anothers(
    role: str,
    one_of: int,
    team: Team,
    other_team: Team,
    rows: Rows,  # noqa: F811
    theirs: Rows,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = Client() if role == VISITOR else team.client(team.add(role))
    probe, share = Probe(client, theirs, secret=SECRET), Share(one_of)
    for cell in cells(role, team, other_team, rows, theirs):
        if (cell.name, cell.verb, cell.htmx, role, cell.tenant) not in share:
            continue
        headers = {"HX-Request": "true"} if cell.htmx else {}
        response = probe.ask(cell.verb, cell.address, what=f"as {role}, {cell.tenant}", headers=headers)
        if response is not None and cell.expected and response.status_code not in cell.expected:
            # What another organization's slug or id leads to is nothing, and visitors are asked to sign in.
            asked_to_sign_in = role == VISITOR and cell.htmx and response.status_code in {200, 204, 401}
            if not asked_to_sign_in:
                probe.problems.append(f"{cell}: {response.status_code}")
    with capsys.disabled():
        print(f"\n{role}: {probe.asked:,} cells, {probe.wrote} of them wrote, {len(probe.problems)} problems")
    assert not probe.problems, probe.report()
    assert values(theirs) == probe.before


def values(foreign: Rows) -> list[Any]:
    """The other organization's rows as they are."""
    return Probe(Client(), foreign).before


def test_the_word_is_in_what_they_have(team: Team, other_team: Team, theirs: Rows) -> None:  # noqa: F811
    """Otherwise looking for it would prove nothing: their own people read it on most pages."""
    client = other_team.client(other_team.admin)
    texts = [client.get(address_of(name, other_team.slug, theirs)) for name in OURS]
    found = sum(SECRET.encode() in text.content for text in texts if not text.streaming)
    assert found > 40
    assert all(isinstance(row, models.Model) for row in theirs.values())
