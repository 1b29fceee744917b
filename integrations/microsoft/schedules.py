"""Busy times of several people of an organization at once (getSchedule)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from integrations.base import Gone, Refused, Retryable, ToolError
from integrations.calendars import Occurrence, Window
from integrations.microsoft import places, shapes
from integrations.microsoft.client import Call, Client
from integrations.microsoft.places import Place
from integrations.microsoft.shapes import Json

#: Addresses of one request, and how long a stretch it may ask for (under 62 days).
MOST_ADDRESSES = 20
LONGEST = timedelta(days=60)
#: Minutes that a digit of `availabilityView` stands for.
INTERVAL = 15
#: Digits that stand for no time that is taken: free, and working elsewhere.
_FREE_DIGITS = "04"
_STATUSES = {"1": "tentative", "3": "oof"}

Times = list[Occurrence] | ToolError


def busy(client: Client, calendars: Sequence[str], window: Window) -> dict[str, Times]:
    """Busy stretches for each address, or the error that hides them. Raises errors that hide all of them."""
    found: dict[str, Times] = {calendar: [] for calendar in calendars}
    names = list(found)
    for part in _parts(window):
        for start in range(0, len(names), MOST_ADDRESSES):
            for name, times in _asked(client, names[start : start + MOST_ADDRESSES], part).items():
                known = found[name]
                if isinstance(known, list):
                    found[name] = [*known, *times] if isinstance(times, list) else times
    return found


def _parts(window: Window) -> Iterator[Window]:
    begin = window.starts_at
    while begin < window.ends_at:
        end = min(begin + LONGEST, window.ends_at)
        yield Window(begin, end)
        begin = end


def _asked(client: Client, names: list[str], window: Window) -> dict[str, Times]:
    """The request stands in somebody's mailbox. The next is tried where somebody has none."""
    refused: dict[str, Times] = {}
    for number, name in enumerate(names):
        rest = names[number:]
        try:
            answer = client.run(_call(name, rest, window))
        except Refused as refusal:
            refused[name] = Refused("mailbox_denied") if refusal.code == "denied" else refusal
        else:
            return refused | _read(answer, rest, window)
    return refused


def _call(mailbox: str, names: list[str], window: Window) -> Call:
    body = {
        "schedules": names,
        "startTime": {"dateTime": places.moment(window.starts_at), "timeZone": "UTC"},
        "endTime": {"dateTime": places.moment(window.ends_at), "timeZone": "UTC"},
        "availabilityViewInterval": INTERVAL,
    }
    return Call("getSchedule", "POST", f"{Place(mailbox, is_app=True).path}/getSchedule", body)


def _read(answer: Json, names: list[str], window: Window) -> dict[str, Times]:
    items = {shapes.text(item.get("scheduleId")).lower(): item for item in shapes.objects(answer.get("value"))}
    return {name: _times(items.get(name.lower()), window) for name in names}


def _times(item: Json | None, window: Window) -> Times:
    """One person's times. Whatever is missing or can't be read makes them unknown."""
    if item is None:
        return shapes.unreadable()
    if item.get("error") is not None:
        code = shapes.text(shapes.inner(item, "error").get("responseCode"))
        return Gone("gone") if code == "ErrorMailRecipientNotFound" else Retryable("server_error")
    entries, view = item.get("scheduleItems"), item.get("availabilityView")
    try:
        listed = _listed(entries) if entries is not None else []
        digits = _digits(view, window) if view is not None else []
    except Retryable as problem:
        return Retryable(problem.code)
    if entries is None and view is None:
        return shapes.unreadable()
    return [*listed, *(one for one in digits if not _is_covered(one, listed))]


def _listed(entries: object) -> list[Occurrence]:
    items = shapes.objects(entries)
    if not isinstance(entries, list) or len(items) != len(entries):
        raise shapes.unreadable()
    return [one for item in items if (one := shapes.stretch(item)) is not None]


def _digits(view: object, window: Window) -> list[Occurrence]:
    """Stretches of `availabilityView`: for mailboxes that show no details, it is all there is."""
    digits = shapes.text(view)
    if digits != view or not re.fullmatch("[0-9]*", digits):
        raise shapes.unreadable()
    step = timedelta(minutes=INTERVAL)
    return [
        shapes.busy(window.starts_at + number * step, window.starts_at + (number + 1) * step, _STATUSES.get(digit, ""))
        for number, digit in enumerate(digits)
        if digit not in _FREE_DIGITS
    ]


def _is_covered(one: Occurrence, listed: list[Occurrence]) -> bool:
    return any(other.starts_at < one.ends_at and other.ends_at > one.starts_at for other in listed)
