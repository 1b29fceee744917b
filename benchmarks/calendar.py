"""The time that the calendar takes to draw 60 people and 300 interviews, in Chromium: `python -m benchmarks.calendar`.

From the page's data to the laid out picture, on the machine that runs this. No server takes part.
"""

from __future__ import annotations

import json
import shutil
import statistics
from datetime import date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

STATIC = Path(__file__).parents[1] / "static"
PEOPLE, INTERVIEWS, TIMES = 60, 300, 15
MONDAY = date(2027, 3, 1)
SHEETS = ("vendor/tabler/tabler.min.css", "css/look.css", "css/panelist.css", "css/time-grid.css", "css/calendar.css")
SCRIPTS = ("js/clocks.js", "js/time-grid.js", "js/calendar.js")
#: Draws the page anew, as after a change, and forces the layout.
REDRAW = """() => {
  const old = document.querySelector("[data-calendar]");
  const root = old.cloneNode(true);
  old.replaceWith(root);
  const from = performance.now();
  document.dispatchEvent(new Event("htmx:load"));
  root.querySelector("[data-calendar-grid]").getBoundingClientRect();
  document.body.offsetHeight;
  return performance.now() - from;
}"""
PAGE = """<!DOCTYPE html><html lang="en" dir="ltr"><head><title>Calendar</title>{sheets}</head><body>
<div id="calendar" class="card calendar" data-calendar data-card="/0/" data-time="/0/" data-busy-word="Busy">
<span data-calendar-who></span>
<script id="calendar-data" type="application/json">{data}</script>
<template data-calendar-icon="circle-check"><svg class="icon" viewBox="0 0 24 24"></svg></template>
<template data-calendar-icon="alert-triangle"><svg class="icon" viewBox="0 0 24 24"></svg></template>
<div class="calendar-grid" tabindex="0" data-calendar-grid hidden></div><div data-calendar-list></div></div>
<div id="calendar-card" popover></div>{scripts}</body></html>"""


def data(scope: str, by: str = "people") -> dict[str, object]:
    """Return what the page carries for a week, or one day of it, of many people."""
    days = [MONDAY + timedelta(days=number) for number in range(7 if scope == "week" else 1)]
    here = {"zone": "UTC", "offsets": [["2027-02-27T00:00:00Z", 0]]}
    people = [
        {"key": f"m{number}", "name": f"Interviewer Number{number}", "place": "Berlin"} for number in range(PEOPLE)
    ]
    interviews = [_interview(number, days[number % min(len(days), 5)]) for number in range(INTERVIEWS)]
    return {
        "scope": scope,
        "by": by,
        "now": "2027-03-02T10:00:00Z",
        "clock": here,
        "clocks": {"UTC": here},
        "days": [
            {
                "day": f"{day}",
                "label": f"{day:%a %d %b}",
                "is_weekend": day.isoweekday() > 5,
                "is_today": False,
                "address": "",
            }
            for day in days
        ],
        "rows": [row | {"days": [_hours(day) for day in days]} for row in people],
        "interviews": interviews,
        "busy": [],
    }


def _hours(day: date) -> dict[str, object]:
    away = [["away", f"{day}T00:00:00Z", f"{day}T08:00:00Z", ""], ["away", f"{day}T17:00:00Z", f"{day}T23:59:00Z", ""]]
    return {"hours": "09–17 Berlin", "is_off": False, "is_there": True, "away": away}


def _interview(number: int, day: date) -> dict[str, object]:
    at = datetime(day.year, day.month, day.day, 8) + timedelta(minutes=15 * (number * 7 % 32))
    return {
        "id": number + 1,
        "name": "Coding: data structures",
        "candidate": f"Candidate Number{number}",
        "people": ["Interviewer One"],
        "starts_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "ends_at": f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "rows": [f"m{number % PEOPLE}"],
        "link": {"word": "Ready", "icon": "circle-check", "tone": "success"},
        "problems": ["Booked twice"] if number % 20 == 0 else [],
        "is_over": False,
        "can_move": True,
        "zone": "UTC",
        "version": "",
    }


def page_of(content: dict[str, object]) -> str:
    """Return the calendar as a page of its own, with its scripts and style sheets in it."""
    sheets = "".join(f"<style>{(STATIC / name).read_text()}</style>" for name in SHEETS)
    scripts = "".join(f"<script>{(STATIC / name).read_text()}</script>" for name in SCRIPTS)
    return PAGE.format(sheets=sheets, scripts=scripts, data=json.dumps(content))


def measure(page: Page, scope: str) -> tuple[int, list[float]]:
    """Return how many interviews are drawn, and the milliseconds of each redraw."""
    page.set_content(page_of(data(scope)))
    page.wait_for_selector("[data-calendar-grid] [data-block]")
    drawn = page.locator("[data-calendar-grid] [data-block]").count()
    return drawn, [float(page.evaluate(REDRAW)) for _time in range(TIMES)]


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        for scope in ("week", "day"):
            drawn, times = measure(page, scope)
            best, middle = min(times), statistics.median(times)
            print(f"{scope}: {PEOPLE} people, {drawn} interviews: {best:.0f} ms at best, {middle:.0f} ms in the middle")
        browser.close()


if __name__ == "__main__":
    main()
