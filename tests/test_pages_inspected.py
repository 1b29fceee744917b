"""Every address with a page is inspected in a browser, or says why not: see `tests/browser/test_every_page.py`."""

from __future__ import annotations

from tests.browser.uninspected import LEFT_OUT, OF_VISITORS, OWN, WITH_SECOND_STEP, WITHOUT_PAGE
from tests.test_addresses import OURS, VISITORS


def test_no_address_is_forgotten() -> None:
    """Those below an organization are all opened but these; one for visitors has to be in one of the lists."""
    assert sorted([*OF_VISITORS, *OWN, *WITH_SECOND_STEP, *WITHOUT_PAGE]) == sorted(VISITORS)
    assert set(LEFT_OUT) <= set(OURS)
