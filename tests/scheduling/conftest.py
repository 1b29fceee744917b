"""Fixtures that tests of scheduling share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from integrations.calendar_registry import CALENDARS
from tests.conftest import Team
from tests.integrations.conftest import work as committed  # noqa: F401 - a fixture, under a name that tests leave free
from tests.scheduling import calendars, stand_ins
from tests.scheduling.calendars import MEMORY, Vendor
from tests.scheduling.smtp_server import box, tls_box  # noqa: F401 - fixtures, for all who send to a real server


@pytest.fixture
def vendor(
    request: pytest.FixtureRequest, socket_enabled: None, settings: Settings, team: Team
) -> Iterator[stand_ins.StandIn]:
    """The stand-in of the vendor that a test's parameter names, with the interviewer's calendar."""
    with stand_ins.stand_in(request.param, settings, team.interviewer) as running:
        yield running


@pytest.fixture
def calendar_vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """An empty calendar vendor in memory, among the vendors there are."""
    monkeypatch.setitem(CALENDARS, "memory", MEMORY)
    monkeypatch.setattr(calendars, "VENDOR", Vendor())
    return calendars.VENDOR
