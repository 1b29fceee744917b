"""Bring the catalogues of `locale/` up to date with the texts in code and templates: `make messages`.

In Python alone, as in `catalogues.py`: nobody needs gettext. New texts are added without a translation, texts that are
gone leave. Nothing is guessed from similar texts.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from config.catalogues import CATALOGUE, SOURCES
from config.environment import BASE_DIR

#: Where texts stand that people read. The sandbox is a stand-in of a vendor, in the vendor's English.
FOLDERS = ("config", "integrations", "jobs", "organizations", "scheduling", "templates")
WITHOUT = "integrations/sandbox/"
_PLURAL, _CONTEXT, _CONTEXT_PLURAL = (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
#: The names that mark a text, with the places of their arguments as Babel writes them; "c" is a context.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "_lazy", "_now", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), _PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), _CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), _CONTEXT_PLURAL),
}
WIDTH = 120


@dataclass(frozen=True, slots=True)
class Text:
    """One place where a text is marked. `plural` is empty for a text without one."""

    place: str
    line: int
    single: str
    plural: str
    context: str | None
    comments: tuple[str, ...]


def marked() -> Iterator[Text]:
    """Find every text of the code and the templates."""
    for path in sorted(path for folder in FOLDERS for path in (BASE_DIR / folder).rglob("*")):
        name = path.relative_to(BASE_DIR).as_posix()
        is_source = path.suffix == ".py" or "templates" in path.parts
        if not path.is_file() or not is_source or "__pycache__" in path.parts or name.startswith(WITHOUT):
            continue
        source = path.read_text()
        if path.suffix != ".py":
            # What is no text becomes a row of letters; its indentation would be an error in Python.
            source = "\n".join(line.lstrip() for line in templatize(source, origin=name).split("\n"))
        for line, text, comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS, ["Translators:"]):
            single, plural = text[:2] if isinstance(text, tuple) else (text, "")
            yield Text(name, line, single, plural, context, tuple(comments))


def texts() -> Catalog:
    """Return a catalogue of all texts, with their places, without translations."""
    found = Catalog(charset="utf-8")
    for text in marked():
        id_ = (text.single, text.plural) if text.plural else text.single
        found.add(id_, locations=[(text.place, text.line)], auto_comments=text.comments, context=text.context)
    return found


def read(path: Path) -> Catalog:
    """Read a catalogue of `locale/`. Raises ValueError."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return the texts that lack a translation, or one of its plural forms."""
    return [message for message in catalogue if message.id and not all(translations(message))]


def translations(message: Message) -> list[str]:
    """Return the translation, or each of its plural forms; empty ones are missing."""
    return [message.string or ""] if isinstance(message.string, str | None) else list(message.string)


def update(path: Path, found: Catalog) -> Catalog:
    """Bring one catalogue up to date."""
    catalogue = read(path)
    catalogue.update(found, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    for message in catalogue:
        if message.id and message.fuzzy:  # Babel's guess for a text that has a plural now, or none any more
            message.flags.discard("fuzzy")
            message.string = ("",) * catalogue.num_plurals if message.pluralizable else ""
    content = io.BytesIO()
    write_po(content, catalogue, width=WIDTH, sort_by_file=True, include_lineno=False)
    path.write_bytes(content.getvalue())
    return catalogue


def main() -> int:
    found = texts()
    for path in sorted(SOURCES.glob(f"*/{CATALOGUE}")):
        missing = untranslated(update(path, found))
        print(f"{path.relative_to(BASE_DIR)}: {len(missing)} of {len(found)} texts have no translation")
        for message in missing:
            print(f"  {message.id if isinstance(message.id, str) else message.id[0]!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
