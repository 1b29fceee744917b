"""The HTTP libraries that are installed are the ones that are meant."""

from __future__ import annotations

import importlib.metadata

import urllib3
import urllib3._version


def test_urllib3_is_the_real_one() -> None:
    """niquests, which the package caldav brings, replaces it for requests and everything above it."""
    assert "future" not in (urllib3.__file__ or "") and urllib3._version.__version__ == importlib.metadata.version(
        "urllib3"
    )
    installed = {str(one.metadata["Name"]).lower() for one in importlib.metadata.distributions()}
    assert not installed & {"niquests", "urllib3-future", "caldav"}
