"""Every text is translated into every language, and says the same with the same names in it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

from config import messages
from config.catalogues import CATALOGUE, SOURCES
from config.environment import BASE_DIR

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
HOW = "Run `make messages`, then translate what locale/ lacks."
#: What a translation has to repeat: values by name, placeholders of messages and of scripts, elements of HTML.
NAMES = re.compile(r"%\(\w+\)[sdg]|\{\w+\}|</?\w+[^>]*>")
MARK = re.compile(r"\b(n?p?gettext(?:_lazy|_noop)?)(?: as (\w+))?")


@cache
def found() -> list[messages.Text]:
    return list(messages.marked())


@cache
def catalogue(language: str) -> Catalog:
    return messages.read(SOURCES / language / CATALOGUE)


def forms(message: Message) -> list[tuple[str, str]]:
    """Each translated form beside the English one that it stands for."""
    english = [message.id] if isinstance(message.id, str) else list(message.id)
    return [(english[min(number, 1)], form) for number, form in enumerate(messages.translations(message))]


def test_each_language_that_is_offered_has_a_catalogue_and_the_other_way_round() -> None:
    assert {path.parent.parent.name for path in SOURCES.glob(f"*/{CATALOGUE}")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    there = {
        (message.id if isinstance(message.id, str) else message.id[0], message.context): message
        for message in catalogue(language)
        if message.id
    }
    wanted = {(text.single, text.context) for text in found()}
    assert not wanted - set(there), HOW
    assert not set(there) - wanted, f"These texts are gone. {HOW}"
    assert not [message.id for message in messages.untranslated(catalogue(language))], HOW
    assert not [message.id for message in there.values() if message.fuzzy], HOW


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_names_of_the_text(language: str) -> None:
    """A plural form may leave a number out: "one link"."""
    wrong = []
    for message in catalogue(language):
        every = set(NAMES.findall(" ".join(message.id))) if isinstance(message.id, tuple) else None
        for english, translated in forms(message) if message.id else []:
            names = set(NAMES.findall(translated))
            if not (names <= every if every is not None else names == set(NAMES.findall(english))):
                wrong.append((english, translated))
            if (english[:1].isspace(), english[-1:].isspace()) != (translated[:1].isspace(), translated[-1:].isspace()):
                wrong.append((english, translated))
        wrong += [(str(message.id), str(error)) for error in message.check(catalogue(language))]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_the_source_says(language: str) -> None:
    with translation.override(language):
        for message in catalogue(language):
            if not message.id or message.context:
                continue
            if isinstance(message.id, str):
                assert gettext(message.id) == message.string
            else:
                single, plural = message.id
                assert [ngettext(single, plural, number) for number in (1, 2)] == messages.translations(message)


def test_no_text_is_marked_both_with_and_without_a_plural() -> None:
    """One entry of a catalogue can't be both: a context tells them apart."""
    plural = {(text.single, text.context) for text in found() if text.plural}
    assert not [text for text in found() if not text.plural and (text.single, text.context) in plural]


def test_every_name_that_marks_texts_is_known() -> None:
    for path in sorted(BASE_DIR.glob("*/**/*.py")):
        if path.relative_to(BASE_DIR).parts[0] in messages.FOLDERS:
            for function, name in imported_marks(path):
                assert (name or function) in messages.KEYWORDS, f"{path}: add {name} to config/messages.py"


def imported_marks(path: Path) -> list[tuple[str, str]]:
    lines = [line for line in path.read_text().splitlines() if "django.utils.translation import" in line]
    return [pair for line in lines for pair in MARK.findall(line.partition(" import ")[2])]
