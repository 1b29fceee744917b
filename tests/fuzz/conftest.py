"""Two organizations with a row of everything, and the share of all cases that is tried."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from organizations.models import Heartbeat
from scheduling.candidates import import_files
from scheduling.models import CandidateImport, Interview
from tests.attacks.foreign import SECRET, mark
from tests.conftest import Team
from tests.everything import Rows, one_of_each
from tests.fuzz.probe import Probe, Share
from tests.scheduling.message_steps import colleague

#: One of so many cases is tried in every run of the tests, and in the thorough one; the same ones each time.
#: `FUZZ=all` tries them all, which takes half an hour.
OFTEN, THOROUGHLY = 60, 240
#: From so many people on, one looks for them by name.
SEARCHED = 9


@pytest.fixture(params=[OFTEN, pytest.param(THOROUGHLY, marks=pytest.mark.thorough)])
def share(request: pytest.FixtureRequest) -> Share:
    return Share(1 if os.environ.get("FUZZ") == "all" else request.param)


@pytest.fixture(autouse=True)
def the_demos_pages_too(settings: Settings) -> Iterator[None]:
    """Add the demo's pages, and silence the log: it would hold thousands of refused requests."""
    settings.DEMO = True
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def rows(team: Team) -> Rows:
    """One row of each model, enough people to search, tables to import, and an interview without a link."""
    for number in range(SEARCHED):
        colleague(team, f"Colleague{number}")
    rows = one_of_each(team)
    coding = rows[Interview]
    assert isinstance(coding, Interview)
    times = {"starts_at": coding.ends_at, "ends_at": coding.ends_at + timedelta(hours=1)}
    Interview.objects.create(organization=team.organization, schedule=coding.schedule, name="Design", **times)
    for table in (b"name,email\nAda Osei,ada@example.com\n", b"name,email\nAda Osei,ada@example.com\nEve,wrong\n"):
        rows[CandidateImport] = import_files.store_upload(
            organization=team.organization, actor=team.admin.user, data=table, pasted=""
        )
    return rows


@pytest.fixture
def theirs(other_team: Team) -> Rows:
    """The rows of another organization, which nobody here may read or change."""
    theirs = one_of_each(other_team)
    mark(theirs)
    return theirs


@pytest.fixture
def probe(team: Team, rows: Rows, theirs: Rows) -> Probe:
    """A probe that asks as an admin."""
    # Nothing beats here. On a busy machine, /readyz would miss it before the last request is made.
    Heartbeat.objects.update(at=timezone.now() + timedelta(hours=2))
    return Probe(team.client(team.admin), theirs, secret=SECRET)
