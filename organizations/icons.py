"""The vendored Tabler icons, drawn into pages."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_DRAWING = re.compile(r"<svg.*?>(.*)</svg>", re.DOTALL)


@functools.cache
def _drawing(name: str) -> str:
    path = Path(settings.BASE_DIR) / "static" / "vendor" / "icons" / f"{name}.svg"
    found = _DRAWING.search(path.read_text())
    if found is None:
        raise ValueError(f"{name} is not an icon")
    return " ".join(found.group(1).split())


# A page may have a hundred: kept for each name and class, which templates write out.
@functools.cache
def icon(name: str, css: str = "") -> SafeString:
    """One of the vendored Tabler icons as inline SVG, hidden from screen readers: a word always stands beside it.

    Add icons to static/vendor/versions.json and run `make vendor`.
    """
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="icon {}" width="24" height="24" viewBox="0 0 24 24" '
        'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" '
        'aria-hidden="true" focusable="false">{}</svg>',
        css,
        mark_safe(_drawing(name)),  # noqa: S308 - a file of the repository, not input
    )
