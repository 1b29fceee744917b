"""Render the sandbox's pages. Django serves as template engine only, and is loaded with the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from integrations.sandbox.gateway import HTML, Answer

if TYPE_CHECKING:
    from django.template import Engine

#: A submitted form: the values of each field.
Form = Mapping[str, list[str]]
Cells = Sequence[object]

# No script and no inline style anywhere; forms go to this server only.
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
NAVIGATION = (
    ("/", "Interviews"),
    ("/keys", "API Keys"),
    ("/webhooks", "Manage Webhooks"),
    ("/controls", "Controls"),
)


@cache
def engine() -> Engine:
    from django.template import Engine

    return Engine(dirs=[str(Path(__file__).parent / "templates")])


def part(template: str, **context: object) -> str:
    """A rendered template, safe inside another one. Everything in `context` is escaped; no settings are read."""
    from django.template import Context

    return engine().get_template(template).render(Context(context, use_l10n=False, use_tz=False))


def page(template: str, title: str, *, problem: str = "", status: int = 200, **context: object) -> Answer:
    """A whole page. A `problem` is shown at the top and makes the status 400."""
    html = part(template, title=title, problem=problem, navigation=NAVIGATION, **context)
    return Answer(400 if problem else status, html.encode(errors="replace"), HTML, dict(HEADERS))


def redirect(address: str) -> Answer:
    """The answer to a form that was carried out. `address` is a path of the sandbox."""
    return Answer(303, headers={**HEADERS, "Location": address})


def message(title: str, text: str, status: int, badge: str = "") -> Answer:
    """A page with one message."""
    return page("message.html", title, status=status, message=text, badge=badge)


def not_found(text: str = "There is no such page.") -> Answer:
    return message("Not found", text, 404)


def badge(icon: str, words: str, kind: str = "") -> str:
    return part("badge.html", icon=icon, words=words, kind=kind)


def value(submitted: Form, name: str) -> str:
    """One field of a form, without the spaces around it; "" where it is missing."""
    return submitted.get(name, [""])[0].strip()


def typed_values(submitted: Form | None) -> dict[str, str]:
    """All fields of a form, to be shown again after a problem."""
    return {name: value(submitted, name) for name in submitted or {}} if submitted else {}


def moment(milliseconds: int | None) -> str:
    """A time for a person, in UTC."""
    if milliseconds is None:
        return "-"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
