"""One person at one browser window, and the checks of every page that they open."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Response, expect

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
#: Nothing moves: a colour that is still changing would be read half-way.
DEFAULTS: dict[str, Any] = {"viewport": DESKTOP, "locale": "en-GB", "reduced_motion": "reduce"}
#: Not inside frames: mails are shown in sandboxed ones, in which no script runs, axe neither.
BROKEN_RULES = "() => axe.run({ iframes: false }).then(result => result.violations)"
#: What is noted in the console although all is as it should be: a form that came back with errors (422), a question
#: that a newer one replaced, and conflicts that were found when the dialog they belong to was closed already.
EXPECTED = ("status of 422", "htmx:sendAbort", "htmx:afterRequest", "htmx:oobErrorNoTarget, #conflicts-")
#: `SLOW_BROWSER=4 make test-all`: how many times slower pages think, to find tests that count on a fast machine.
SLOWNESS = float(os.environ.get("SLOW_BROWSER", "1"))
#: Everything that may be wider than it has room for, and so would be scrolled or cut off on a phone.
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll("main, .modal-body, .card-body")]
  .filter(box => box.scrollWidth > box.clientWidth + 1 && box.clientWidth && getComputedStyle(box).overflowX !== "auto")
  .map(box => `${box.tagName}.${box.className} is ${box.scrollWidth} wide and has ${box.clientWidth}`)"""


#: The buttons of a dialog that nobody can reach, because something keeps its middle from scrolling.
OUT_OF_REACH = """() => [...document.querySelectorAll(".modal.show .modal-footer")]
  .filter(footer => footer.getBoundingClientRect().bottom > innerHeight)
  .map(footer => `out of reach: ${footer.innerText}`)"""


class Visitor:
    """A browser window with its own session. `complaints`: errors and warnings of its console, and answers from 500 on.

    The page's own Content-Security-Policy stays in force: what it stops is an error in the console.
    """

    def __init__(self, browser: Browser, base_url: str, **options: Any) -> None:
        self.base_url = base_url
        self.complaints: list[str] = []
        self.checked: list[str] = []
        self.context = browser.new_context(base_url=base_url, **{**DEFAULTS, **options})
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base_url)
        self.context.add_init_script(path=AXE)
        self.context.on("page", self._watch)
        self.page = self.context.new_page()

    def _watch(self, page: Page) -> None:
        if SLOWNESS > 1:
            self.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWNESS})
        page.on("console", self._console)
        page.on("pageerror", self._broken)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(part in message.text for part in EXPECTED):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _broken(self, error: Error) -> None:
        self.complaints.append(f"a script failed: {error}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} for {response.url}")

    def sign_in(self, email: str) -> None:
        self.page.goto("/sign-in/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill("demo")
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("navigation", name="Main")).to_be_visible()

    def go(self, *titles: str) -> None:
        """Go by the left navigation, then by links of these names in the page or in the second navigation.

        What was sent just before has arrived: the form is still there, and busy, until the next page is.
        """
        expect(self.page.locator("form[aria-busy]")).to_have_count(0)
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=titles[0], exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        for title in titles[1:]:
            self.page.locator(".page-wrapper").get_by_role("link", name=title, exact=True).click()
            expect(self.page.get_by_role("heading", level=1)).to_contain_text(title)
        self.page.wait_for_load_state("load")  # with its scripts, which the next click may need

    def quiet(self, page: Page | None = None) -> None:
        """Wait until no request is under way any more, not even in a frame of the page."""
        page = page or self.page
        for frame in page.frames:
            frame.wait_for_load_state("load")
        expect(page.locator(".htmx-request, form[aria-busy]")).to_have_count(0)

    def check(self, page: Page | None = None) -> None:
        """Check wide and light, then narrow and dark: axe finds nothing, nothing is too wide, there is no complaint."""
        page = page or self.page
        self.quiet(page)
        for size, theme in ((DESKTOP, "light"), (PHONE, "dark")):
            show(page, size, theme)
            found = [*broken_rules(page), *page.evaluate(TOO_WIDE), *page.evaluate(OUT_OF_REACH)]
            assert not found, f"{page.url}, {theme}, {size['width']} wide: {found}"
        show(page, DESKTOP, "light")
        assert self.complaints == [], page.url
        self.checked.append(page.url)

    def close(self) -> None:
        self.context.close()


def show(page: Page, size: dict[str, int], theme: str) -> None:
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)


def broken_rules(page: Page) -> list[str]:
    """The rules of axe that the page breaks, each with the elements that break it and what is wrong with them."""
    found: list[dict[str, Any]] = page.evaluate(BROKEN_RULES)
    return [
        f"{rule['id']}: {node['html'][:300]} - {node.get('failureSummary', '')}"
        for rule in found
        for node in rule["nodes"]
    ]
