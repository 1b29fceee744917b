"""Fixtures that tests of scheduling share."""

from tests.scheduling.smtp_server import box, tls_box  # noqa: F401 - fixtures, for all who send to a real server
