"""Just enough HTML for the sandbox's pages: elements that escape what they hold, fields, and the frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from integrations.sandbox.gateway import HTML, Answer

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
_EMPTY = frozenset({"input", "link", "meta", "br", "hr"})


class Html(str):
    """Text that is HTML already."""


def h(tag: str, *children: object, **attributes: object) -> Html:
    """An element. Text is escaped; None and False leave an attribute out, True writes its name alone.

    A trailing underscore of an attribute's name is dropped and others become hyphens: `for_`, `aria_label`.
    """
    written = "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
        if value is not None and value is not False
    )
    if tag in _EMPTY:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{join(children)}</{tag}>")


def join(children: Iterable[object]) -> Html:
    """Children one after the other; None and False are left out."""
    return Html(
        "".join(
            child if isinstance(child, Html) else escape(str(child))
            for child in children
            if child is not None and child is not False
        )
    )


def page(title: str, *content: object, current: str = "", problem: str = "", status: int = 200) -> Answer:
    """A whole page. `problem` is said at the top, in words."""
    links = [
        h("a", words, href=address, aria_current="page" if address == current else None)
        for address, words in NAVIGATION
    ]
    body = h(
        "body",
        h("a", "Skip to content", href="#content", class_="skip"),
        h(
            "header",
            h(
                "a",
                h("span", "</>", aria_hidden="true", class_="mark"),
                " CodeSignal sandbox",
                href="/",
                class_="brand",
            ),
            h("nav", *links, aria_label="Main"),
        ),
        h(
            "main",
            h("h1", title),
            problem and h("p", h("strong", "Not done. "), problem, class_="problem", role="alert"),
            *content,
            id="content",
        ),
        h("footer", "A local stand-in for trying things out. It is not CodeSignal."),
    )
    head = h(
        "head",
        h("meta", charset="utf-8"),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("meta", name="robots", content="noindex"),
        h("title", f"{title} - CodeSignal sandbox"),
        h("link", rel="icon", href="/icon.svg", type="image/svg+xml"),
        h("link", rel="stylesheet", href="/style.css"),
    )
    html = "<!doctype html>\n" + h("html", head, body, lang="en")
    return Answer(status, html.encode(errors="replace"), HTML, dict(HEADERS))


def redirect(address: str) -> Answer:
    """After a form: go and look. `address` is a path of ours."""
    return Answer(303, headers={**HEADERS, "Location": address})


def field(
    label: str,
    name: str,
    value: object = "",
    *,
    kind: str = "text",
    hint: str = "",
    mark: str = "",
    **attributes: object,
) -> Html:
    """A labelled input, or a textarea for the kind "textarea". `mark` makes its id unlike another form's."""
    own_id = name + mark
    hint_id = f"{own_id}-hint" if hint else None
    common = {"id": own_id, "name": name, "aria_describedby": hint_id, **attributes}
    if kind == "textarea":
        control = h("textarea", value, rows=4, **common)
    else:
        control = h("input", type=kind, value=value, **common)
    explained = hint and h("p", hint, id=hint_id, class_="hint")
    return h("div", h("label", label, for_=own_id), control, explained, class_="field")


def facts(lines: Sequence[tuple[str, object]]) -> Html:
    """Names with what they are."""
    return h("dl", *(part for name, words in lines for part in (h("dt", name), h("dd", words))))


def choice(label: str, name: str, options: Sequence[tuple[str, str]], chosen: str = "") -> Html:
    """A labelled select of (value, words)."""
    entries = [h("option", words, value=value, selected=value == chosen) for value, words in options]
    return h("div", h("label", label, for_=name), h("select", *entries, id=name, name=name), class_="field")


def ticks(legend: str, name: str, options: Sequence[str], ticked: Iterable[str]) -> Html:
    """A group of checkboxes whose words are their values."""
    chosen = set(ticked)
    boxes = [
        h("label", h("input", type="checkbox", name=name, value=each, checked=each in chosen), " ", h("code", each))
        for each in options
    ]
    return h("fieldset", h("legend", legend), *boxes)


def button(words: str, *, kind: str = "", label: str = "") -> Html:
    """A form's button. `label` says more to those who hear the page than its words do."""
    return h("button", words, type="submit", class_=kind or None, aria_label=label or None)


def form(action: str, *content: object, class_: str | None = None) -> Html:
    """A form that is POSTed."""
    return h("form", *content, method="post", action=action, class_=class_)


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> Html:
    """A table that scrolls inside itself on a small screen; one sentence when there is nothing."""
    if not rows:
        return h("p", empty, class_="empty")
    head = h("thead", h("tr", *(h("th", column, scope="col") for column in columns)))
    body = h("tbody", *(h("tr", *(h("td", cell) for cell in row)) for row in rows))
    # The box can be scrolled, so it must be reachable by keyboard.
    return h(
        "div",
        h("table", h("caption", caption), head, body),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label=caption,
    )


def badge(icon: str, words: str, kind: str) -> Html:
    """A state as a word with its icon; colour comes on top."""
    return h("span", h("span", icon, aria_hidden="true"), " ", words, class_=f"badge {kind}")


def moment(milliseconds: int | None) -> str:
    """A time for a person, in UTC."""
    if milliseconds is None:
        return "-"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
