"""A language that only tests speak: every text stands in marks and is a third longer, so "Save" is "⟦Save··⟧".

What a page shows outside the marks is either data or a text that no language can translate. The catalogue has the texts
of Panelist, and those of Django and its packages that have a translation into German.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.test import override_settings
from django.utils import translation

from config import messages

CODE = "qps"
FIRST, LAST = "⟦", "⟧"
FORMATS = "tests.pseudo.formats"


def marked(text: str) -> str:
    """The text in the pseudo-language. Line ends at its ends stay where they are."""
    bare = text.strip("\n")
    before, after = text[: len(text) - len(text.lstrip("\n"))], text[len(text.rstrip("\n")) :]
    return f"{before}{FIRST}{bare}{'·' * (len(bare) // 3)}{LAST}{after}" if bare else text


@contextmanager
def spoken(folder: Path) -> Iterator[None]:
    """Offer the pseudo-language, compiled into `folder`, and activate it. Members have to choose it, or ask for it."""
    target = folder / CODE / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    write_mo(content, _catalogue())
    target.write_bytes(content.getvalue())
    languages = [("en", "English"), (CODE, "Pseudo")]
    with (
        override_settings(LANGUAGES=languages, LOCALE_PATHS=[folder], FORMAT_MODULE_PATH=[FORMATS, "config.formats"]),
        translation.override(CODE),
    ):
        yield


def _catalogue() -> Catalog:
    made = Catalog(locale="en", charset="utf-8")
    for source in [*map(_read, _packages()), messages.texts()]:
        for message in source:
            if not message.id:
                continue
            single, plural = (message.id, "") if isinstance(message.id, str) else message.id
            string = (marked(single), marked(plural)) if plural else marked(single)
            made.add(message.id, string, context=message.context)
    return made


def _packages() -> Iterator[Path]:
    roots = [Path(django.__file__).parent / "conf", *(Path(config.path) for config in apps.get_app_configs())]
    for root in roots:
        yield from sorted(root.glob("locale/de/LC_MESSAGES/django.po"))


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)
