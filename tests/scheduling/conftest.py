"""Fixtures that tests of scheduling share."""

from tests.scheduling.postbox import box  # noqa: F401 - the fixture, for all who send to a real server
