"""Inspect a page: axe finds nothing, nothing is too wide or cut; dark, narrow, zoomed, right to left.

`Visitor.check` asks for less and oftener; this is the whole of it, once for each page of the product.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from playwright.sync_api import Page, expect

from tests.browser.visitor import OUT_OF_REACH, PHONE, TOO_WIDE, show

WIDE: Final = {"width": 1440, "height": 900}
#: What a window of 1440 pixels shows at 200 % zoom.
ZOOMED: Final = {"width": 720, "height": 450}
#: Targets of at least 24 px are of WCAG 2.2, which axe leaves out unless it is asked.
_AXE = """([within, only]) => axe.run(within || document, {
    iframes: false,
    rules: { "target-size": { enabled: true } },
    ...(only.length ? { runOnly: { type: "rule", values: only } } : {}),
  }).then(result => result.violations)"""
#: The page without its words, ids and addresses: two that are alike in that need looking at once.
_SHAPE = """within => {
  const shape = (node) => [...node.children].map(child =>
    `${child.tagName}.${child.getAttribute("class")}.${child.type ?? ""}(${shape(child)})`).join();
  return shape(within ? document.querySelector(within) : document.body);
}"""
#: Words that are cut with nothing that says so, and cards whose content stands out of them.
_CUT = """() => [...document.querySelectorAll("body *")].filter(box => {
  if (!box.clientWidth || !box.checkVisibility()) return false;
  if (box.matches("svg *, select, input, textarea, pre, option")) return false;
  const style = getComputedStyle(box);
  if (box.clientWidth <= 2 || style.clipPath !== "none" || style.textOverflow === "ellipsis") return false;
  const shut = ["hidden", "clip"].includes(style.overflowX);
  return (shut || box.classList.contains("card")) && box.scrollWidth > box.clientWidth + 1 && box.innerText.trim();
}).map(box => `${box.tagName}.${box.className} is cut: ${box.innerText.trim().slice(0, 60)}`)"""
#: What a key press can reach and does not look different for it.
_NO_RING = """within => {
  const look = (box) => {
    const style = getComputedStyle(box);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor, style.backgroundColor].join();
  };
  const stops = [...(within ? document.querySelector(within) : document).querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const blind = [];
  for (const stop of stops) {
    if (stop.disabled || stop.type === "hidden" || stop.tabIndex < 0 || !stop.checkVisibility()) continue;
    const around = [stop, stop.parentElement, stop.nextElementSibling].filter(Boolean);
    document.activeElement?.blur();
    const before = around.map(look).join("|");
    stop.focus({ preventScroll: true, focusVisible: true });
    if (document.activeElement !== stop) continue;
    if (around.map(look).join("|") === before) blind.push(`no focus ring: ${stop.outerHTML.slice(0, 160)}`);
  }
  document.activeElement?.blur();
  return blind;
}"""
_MOVES = """() => document.getAnimations()
  .filter(one => one.playState === "running" && one.effect.getComputedTiming().activeDuration > 50)
  .map(one => `moves: ${one.effect.target?.outerHTML.slice(0, 120)}`)"""


class Inspector:
    """Inspects pages; one that has the shape of an earlier one is left out. `found` is all that was wrong."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.shapes: set[str] = set()
        self.inspected: list[str] = []

    def inspect(self, page: Page, name: str, within: str = "") -> None:
        """Inspect the page, or the part of it `within` a selector: an open dialog."""
        shape = page.evaluate(_SHAPE, within)
        if shape in self.shapes:
            return
        self.shapes.add(shape)
        self.inspected.append(name)
        self.found += [f"{name}: {one}" for one in _wrong(page, within)]
        show(page, WIDE, "light")


def _wrong(page: Page, within: str) -> Iterator[str]:
    show(page, WIDE, "light")
    yield from broken_rules(page, within)
    yield from page.evaluate(_NO_RING, within)
    yield from page.evaluate(_MOVES)
    show(page, WIDE, "dark")
    yield from (f"dark: {one}" for one in broken_rules(page, within, "color-contrast"))
    show(page, PHONE, "dark")
    yield from (f"narrow, dark: {one}" for one in broken_rules(page, within))
    show(page, PHONE, "light")
    yield from (f"narrow: {one}" for one in broken_rules(page, within, "color-contrast"))
    yield from layout(page)


def layout(page: Page) -> Iterator[str]:
    """Yield all that is too wide or cut: wide, at 200 % zoom and on a phone, in both directions of writing."""
    for direction in ("ltr", "rtl"):
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        for size in (WIDE, ZOOMED, PHONE):
            show(page, size, "light")
            for wrong in (TOO_WIDE, _CUT, OUT_OF_REACH):
                yield from (f"{size['width']} px, {direction}: {one}" for one in page.evaluate(wrong))
    page.evaluate("() => document.documentElement.removeAttribute('dir')")


def broken_rules(page: Page, within: str = "", *only: str) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(_AXE, [within, list(only)])
    return [
        f"{rule['id']}: {node['html'][:200]} - {json.dumps(node.get('failureSummary', ''))[:300]}"
        for rule in found
        for node in rule["nodes"]
    ]


def open_dialog(page: Page, address: str) -> None:
    """Open the address in the dialog of the page in the window, as a button of it would."""
    page.evaluate("address => htmx.ajax('GET', address, '#dialog-content')", address)
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".htmx-request, .htmx-swapping")).to_have_count(0)


def close_dialog(page: Page) -> None:
    page.evaluate("() => (window.bootstrap ?? window.tabler.bootstrap).Modal.getInstance('#dialog').hide()")
    expect(page.get_by_role("dialog")).to_be_hidden()
