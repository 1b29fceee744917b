"""Render the sandbox's pages. Django serves as template engine, and is loaded with the first page only."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from integrations.sandbox.gateway import HTML, Answer

if TYPE_CHECKING:
    from django.template import Engine

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
NAVIGATION = {
    "/": "Interviews",
    "/calendars": "Calendars",
    "/keys": "API Keys",
    "/webhooks": "Manage Webhooks",
    "/controls": "Controls",
}


class Form(dict[str, str]):
    """The fields of a form or of an address. A missing one is "", several values of one are separated by spaces."""

    def __missing__(self, name: str) -> str:
        return ""


@cache
def engine() -> Engine:
    """The template engine, with our filters."""
    from django.template import Engine, Library

    made, filters = Engine(dirs=[str(Path(__file__).parent / "templates")]), Library()
    filters.filter("moment", moment)
    filters.filter("words", words)
    filters.filter("split", lambda texts: texts.split(", "))
    made.template_builtins.append(filters)
    return made


def page(template: str, title: str, problem: str = "", *, status: int = 200, **context: object) -> Answer:
    """A whole page, with everything in `context` escaped. A `problem` is shown at the top and makes the status 400."""
    from django.template import Context

    context |= {"title": title, "problem": problem, "navigation": NAVIGATION}
    html = engine().get_template(template).render(Context(context, use_l10n=False, use_tz=False))
    return Answer(400 if problem else status, html.encode(errors="replace"), HTML, dict(HEADERS))


def message(title: str, text: str, status: int) -> Answer:
    """A page with one message."""
    return page("message.html", title, status=status, message=text)


def redirect(address: str) -> Answer:
    """The answer to a form that was carried out. `address` is a path of the sandbox."""
    return Answer(303, headers={**HEADERS, "Location": address})


def form_of(encoded: str) -> Form:
    """The fields of a body or a query string, without the spaces around them."""
    fields = parse_qs(encoded, keep_blank_values=True)
    return Form({name: " ".join(values).strip() for name, values in fields.items()})


def moment(milliseconds: int | None) -> str:
    """A time for a person, in UTC."""
    if milliseconds is None:
        return "-"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def words(value: str) -> str:
    """A lower-case value for a person: "strong_yes" as "Strong yes". Others, such as a name, stay as they are."""
    return value.replace("_", " ").capitalize() if value.islower() else value
