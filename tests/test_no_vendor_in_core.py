"""Outside its own folder no vendor is named: not in code, templates, scripts, addresses, columns or choices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from integrations.registry import TOOLS

ROOT = Path(settings.BASE_DIR)
APPS = ("organizations", "integrations", "jobs", "scheduling")
#: As tests change the registry, it is read once, and the vendor that was the first is named here besides.
VENDORS = sorted({"codesignal", *TOOLS, *(entry.info.name.lower() for entry in TOOLS.values())})
SUFFIXES = {".py", ".html", ".txt", ".subject", ".text", ".js", ".css"}

#: What belongs to a vendor, or stands in for it in tests and demos.
OWN = [
    *(f"{folder}/{kind}/" for kind in VENDORS for folder in ("integrations", "templates/integrations")),
    "integrations/sandbox/",
]
#: The lines outside that have to name a vendor: file, what they begin with, and why.
EXCEPTIONS = [
    ("integrations/registry.py", "from integrations.codesignal.", "the registry imports its entries"),
    ("integrations/registry.py", '"codesignal": ToolEntry(', "the registry's literal entry"),
    ("config/settings.py", "CODESIGNAL_API_URL = ", "variables that are set where Panelist runs keep their names"),
    ("config/settings.py", "CODESIGNAL_TRIAL_KEY = ", "variables that are set where Panelist runs keep their names"),
    ("config/settings.py", "CODESIGNAL_TIMEOUT = ", "variables that are set where Panelist runs keep their names"),
    ("config/supervisor/__main__.py", '"""The CodeSignal stand-in.', "`make demo` starts the stand-in"),
    ("config/supervisor/__main__.py", 'say(f"\\nCodeSignal stand-in: ', "`make demo` says where the stand-in is"),
    (
        "config/supervisor/__main__.py",
        'say("\\nCoding links come from CODESIGNAL_API_URL',
        "`make demo` says the variable",
    ),
    (
        "config/supervisor/__main__.py",
        'if kind == "demo" and not environment.is_set("CODESIGNAL',
        "the variable for the demo",
    ),
    ("config/supervisor/__main__.py", 'os.environ["CODESIGNAL_API_URL"] = ', "the variable for the demo"),
    ("config/supervisor/__main__.py", 'os.environ["CODESIGNAL_TRIAL_KEY"] = ', "the variable for the demo"),
    ("config/supervisor/__main__.py", 'if not environment.is_set("CODESIGNAL_TRIAL_KEY")', "the variable for the demo"),
    (
        "scheduling/migrations/0001_initial.py",
        '("unknown", "Checking with CodeSignal"),',
        "a migration is not rewritten",
    ),
]


def files() -> Iterator[Path]:
    for folder in (*APPS, "config", "templates", "static/js", "static/css"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and not path.relative_to(ROOT).as_posix().startswith(tuple(OWN)):
                yield path


def named(text: str) -> bool:
    return any(vendor in text.lower() for vendor in VENDORS)


def lines_that_name_a_vendor() -> Iterator[tuple[str, str]]:
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        if named(name):
            yield name, ""
        yield from ((name, line.strip()) for line in path.read_text().splitlines() if named(line))


def test_code_and_templates_name_no_vendor() -> None:
    found = list(lines_that_name_a_vendor())
    excused = {
        (name, line)
        for name, line in found
        for file, start, _why in EXCEPTIONS
        if name == file and line.startswith(start)
    }
    assert [one for one in found if one not in excused] == []


@pytest.mark.parametrize(("file", "start", "why"), EXCEPTIONS)
def test_each_exception_is_still_needed(file: str, start: str, why: str) -> None:
    assert why
    assert any(line.strip().startswith(start) for line in (ROOT / file).read_text().splitlines())


def routes(level: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for one in level:
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, before + str(one.pattern))
        else:
            yield f"{before}{one.pattern} {one.name}"


def test_no_address_names_a_vendor() -> None:
    found = list(routes(get_resolver().url_patterns))
    assert len(found) > 100
    assert [route for route in found if named(route)] == []


def test_no_column_and_no_choice_names_a_vendor() -> None:
    columns = [
        f"{model._meta.db_table}.{field.column} {field.verbose_name} {field.help_text} {field.flatchoices}"
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
    ]
    assert len(columns) > 100
    assert [column for column in columns if named(column)] == []
