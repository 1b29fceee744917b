"""Draws inputs, texts and selects without templates: the same HTML as Django's, in a tenth of the time.

Django includes two templates for each `<option>`: seventy in the filters of a list took as long as its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.safestring import SafeString

from organizations.drawn import escaped

Widget = Mapping[str, Any]

_FOLDER: Final = "django/forms/widgets"
_INPUTS: Final = ("checkbox", "date", "email", "hidden", "number", "password", "text", "time", "url")


class WidgetRenderer(DjangoTemplates):
    """Django's renderer; what it has no function for goes through its template."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        draw = _DRAWN.get(template_name)
        if draw is not None:
            return SafeString(draw(context["widget"]))
        return SafeString(super().render(template_name, context, request))


def _attributes(attrs: Widget) -> str:
    return "".join(
        f" {escaped(name)}" + ("" if value is True else f'="{escaped(value)}"')
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{escaped(widget["value"])}"'
    kind, name = escaped(widget["type"]), escaped(widget["name"])
    return f'<input type="{kind}" name="{name}"{value}{_attributes(widget["attrs"])}>'


def _box(widget: Widget) -> str:
    """One box or dot of several, with its words where the page does not write them itself."""
    if not widget["wrap_label"]:
        return _input(widget)
    given = widget["attrs"].get("id")
    named = f' for="{escaped(given)}"' if given else ""
    return f"<label{named}>{_input(widget)} {escaped(localize(widget['label']))}</label>"


def _textarea(widget: Widget) -> str:
    text = escaped(widget["value"] or "")
    return f'<textarea name="{escaped(widget["name"])}"{_attributes(widget["attrs"])}>\n{text}</textarea>'


def _select(widget: Widget) -> str:
    parts = [f'<select name="{escaped(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{escaped(group)}">')
        parts += map(_option, options)
        if group:
            parts.append("</optgroup>")
    return "\n".join([*parts, "</select>"])


def _option(option: Widget) -> str:
    value, label = escaped(option["value"]), escaped(localize(option["label"]))
    return f'<option value="{value}"{_attributes(option["attrs"])}>{label}</option>'


_DRAWN: Final[Mapping[str, Callable[[Widget], str]]] = {
    f"{_FOLDER}/select.html": _select,
    f"{_FOLDER}/textarea.html": _textarea,
    **{f"{_FOLDER}/{name}_option.html": _box for name in ("checkbox", "radio")},
    **{f"{_FOLDER}/{name}.html": _input for name in _INPUTS},
}
