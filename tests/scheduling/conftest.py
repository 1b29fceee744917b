"""Fixtures that tests of scheduling share."""

from __future__ import annotations

import pytest

from integrations.calendar_registry import CALENDARS
from tests.integrations.conftest import work as committed  # noqa: F401 - a fixture, under a name that tests leave free
from tests.scheduling import calendars
from tests.scheduling.calendars import MEMORY, Vendor
from tests.scheduling.smtp_server import box, tls_box  # noqa: F401 - fixtures, for all who send to a real server


@pytest.fixture
def calendar_vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """An empty calendar vendor in memory, among the vendors there are."""
    monkeypatch.setitem(CALENDARS, "memory", MEMORY)
    monkeypatch.setattr(calendars, "VENDOR", Vendor())
    return calendars.VENDOR
