"""Pages are light: what the network carries for the first one, and for those after it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from playwright.sync_api import Response, expect

from tests.browser.conftest import Visitors
from tests.browser.visitor import Visitor

#: Bytes on the wire, heads included: everything that the first page needs, then each further one.
FIRST, FURTHER = 250_000, 30_000
FURTHER_PAGES = ("Schedules", "Candidates", "Jobs")


def carried(visitor: Visitor, do: Callable[[], object]) -> int:
    """The bytes that came over the network while `do` ran and its page loaded."""
    session = visitor.context.new_cdp_session(visitor.page)
    lengths: list[float] = []
    session.on("Network.loadingFinished", lambda event: lengths.append(event["encodedDataLength"]))
    session.send("Network.enable")
    do()
    visitor.page.wait_for_load_state("networkidle")
    session.detach()
    return int(sum(lengths))


def test_the_first_page_is_light_and_further_ones_are_lighter(visitors: Visitors) -> None:
    signed_in = visitors().context.storage_state()
    visitor = visitors("", storage_state=signed_in)  # with an empty cache
    first = carried(visitor, lambda: visitor.page.goto("/"))
    expect(visitor.page.get_by_role("navigation", name="Main")).to_be_visible()
    assert 20_000 < first <= FIRST
    for title in FURTHER_PAGES:
        visitor.go(title)  # its own scripts come with its first view
        home, page = carried(visitor, partial(visitor.go, "Home")), carried(visitor, partial(visitor.go, title))
        assert 1_000 < home <= FURTHER
        assert 1_000 < page <= FURTHER, title


def test_pages_and_files_come_compressed(visitors: Visitors) -> None:
    visitor = visitors("")
    encodings: dict[str, str] = {}

    def note(answer: Response) -> None:
        if answer.status == 200 and not answer.url.endswith((".woff2", ".png", ".svg")):
            encodings[answer.url] = answer.all_headers().get("content-encoding", "")

    visitor.page.on("response", note)
    visitor.sign_in("admin@example.com")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    assert any(url.endswith("/home/") for url in encodings)
    assert {url: encoding for url, encoding in encodings.items() if encoding != "gzip"} == {}
