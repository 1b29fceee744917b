"""Every page, with something on it: axe finds nothing, nothing is too wide, no button is out of reach."""

from __future__ import annotations

from tests.browser.conftest import Visitors
from tests.browser.demo import Demo
from tests.browser.tour import tour


def test_every_page_of_the_admin(demo: Demo, visitors: Visitors) -> None:
    visitor = visitors("")
    titles: dict[str, str] = {}
    for name in tour(visitor, demo):
        if name == "not-found":
            visitor.complaints = [each for each in visitor.complaints if "status of 404" not in each]
        visitor.check()
        titles[name] = visitor.page.title()
    nameless = [name for name, title in titles.items() if not title.removesuffix(" · Panelist").strip()]
    assert len(titles) > 40 and nameless == []
