"""`make screenshots`: every page of a running demo, wide, narrow and dark, to look at them one by one.

Writes `screenshots/<page>-<desktop|phone|dark>.png`, the README's picture to `docs/screenshot.png`, and those of the
guides to `docs/images/`: small, and taken each time, so that they show the pages as they are.
"""

from __future__ import annotations

import argparse
import base64
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from config.supervisor.child import die_with_parent
from tests.browser.demo import Demo, started
from tests.browser.tour import tour
from tests.browser.visitor import DESKTOP, PHONE, Visitor, show
from tests.chromium import ARGUMENTS, executable
from tests.config.running import ROOT

FOLDER = ROOT / "screenshots"
PICTURE = ROOT / "docs" / "screenshot.png"
#: What the README shows.
SHOWN = "codesignal-dialog"
#: What the guides show: see `tests/test_help.py`.
GUIDES = ROOT / "docs" / "images"
IN_GUIDES = {
    *("schedule-new", "schedule-communications-drafts", "codesignal-dialog"),
    *("settings-integration", "job", "link-run"),
}
VIEWS = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "light"), "dark": (DESKTOP, "dark")}


def shoot(page: Page, name: str) -> None:
    """Take one page in all views. A dialog scrolls within the window; other pages are taken in their whole length."""
    dialog = page.get_by_role("dialog").count() > 0
    for view, (size, theme) in VIEWS.items():
        show(page, size, theme)
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0) }")
        if not dialog:  # a window as high as the page: what is outside of the window is not always drawn
            height = int(page.evaluate("() => document.documentElement.scrollHeight"))
            show(page, {**size, "height": max(height, size["height"])}, theme)
        page.screenshot(path=FOLDER / f"{name}-{view}.png")
    show(page, DESKTOP, "light")


def picture(page: Page, path: Path) -> None:
    """Take what a desktop window shows as WebP, which Playwright itself does not write."""
    show(page, DESKTOP, "light")
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0) }")
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": 70})
    path.write_bytes(base64.b64decode(taken["data"]))
    session.detach()


def take(path: str, demo: Demo, only: str) -> None:
    """Walk the tour, and take the pages whose name has `only` in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        visitor = Visitor(browser, demo.url)
        expect.set_options(timeout=30_000)
        for name in tour(visitor, demo):
            visitor.quiet()
            if only in name:
                shoot(visitor.page, name)
                print(name, flush=True)
            if name in IN_GUIDES:
                GUIDES.mkdir(exist_ok=True)
                picture(visitor.page, GUIDES / f"{name}.webp")
            if name == SHOWN:
                PICTURE.parent.mkdir(exist_ok=True)
                visitor.page.screenshot(path=PICTURE)
        for complaint in visitor.complaints:
            print(f"In the browser's console: {complaint}")
        browser.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make screenshots")
    parser.add_argument("--only", default="", help="take only pages whose name has this in it")
    only = parser.parse_args().only
    path = executable()
    if path is None:
        print("There is no chromium on this machine. Install it (Debian: apt install chromium).", file=sys.stderr)
        return 1
    if not only:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="panelist-") as name, started(Path(name)) as demo:
        take(path, demo, only)
    print(f"Look at {FOLDER}, one by one.")
    return 0


if __name__ == "__main__":
    die_with_parent()
    sys.exit(main())
