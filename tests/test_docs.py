"""The pages for developers are true: every path, name and command on them exists, and layers stand in their order."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGES = ["docs/architecture.md", "docs/security.md", "CONTRIBUTING.md", "benchmarks/README.md"]
FOLDERS = [".ci", "benchmarks", "config", "docs", "integrations", "jobs", "locale"]
FOLDERS += ["organizations", "scheduling", "static", "templates", "tests"]
TEXTS = {".css", ".html", ".js", ".py"}
PATH = re.compile(r"\.?[\w./-]+(/|\.(py|example|html|js|json|lock|md|toml|yaml))")
NAME = re.compile(r"([\w.]*?)\.?(\w+)(\(\w*\))?")
#: Names that the pages forbid.
ABSENT = {"utils.py", "helpers.py"}


def spans(page: str) -> set[str]:
    """The pieces of code on a page: all that stands in single backticks."""
    return set(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", (ROOT / page).read_text()))


@cache
def paths() -> list[str]:
    """Every file and folder, with a slash before it; folders have one at the end, too."""
    found = [path for path in ROOT.iterdir() if path.is_file() or path.name in FOLDERS]
    found += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.parent.name != "__pycache__"]
    return [f"/{path.relative_to(ROOT).as_posix()}{'/' if path.is_dir() else ''}" for path in found]


@cache
def words() -> set[str]:
    """Every word of the sources, also those with hyphens, as attributes and names of addresses have them."""
    found: set[str] = set()
    for path in paths():
        if Path(path).suffix in TEXTS and not path.startswith(("/static/vendor/", "/tests/test_docs.py")):
            found |= set(re.findall(r"[\w-]+", (ROOT / path[1:]).read_text()))
    return found


def is_defined(module: str, name: str) -> bool:
    """Whether a module whose dotted path ends so has the name, or a module of this name in it."""
    end = f"/{module.replace('.', '/')}"
    files = [path for path in paths() if path.endswith((f"{end}.py", f"{end}/__init__.py"))]
    return any(path.endswith(f"{end}/{name}.py") for path in paths()) or any(
        re.search(rf"\b{name}\b", (ROOT / path[1:]).read_text()) for path in files
    )


def exists(span: str) -> bool:
    if span.startswith("make "):
        return re.search(rf"^[\w -]*\b{span[5:]}\b[\w -]*:", (ROOT / "Makefile").read_text(), re.MULTILINE) is not None
    if PATH.fullmatch(span):
        return span in ABSENT or any(path.endswith(f"/{span}") for path in paths())
    if found := NAME.fullmatch(span):
        module, name = found[1], found[2]
        return is_defined(module, name) if module and module.islower() else name in words()
    if re.fullmatch(r"[\w-]+", span):
        return span in words()
    return True


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_exists(page: str) -> None:
    gone = sorted(span for span in spans(page) if not exists(span))
    assert not gone, f"{page} names what is not there (any more): {', '.join(gone)}. Correct the page."


@pytest.mark.parametrize("page", PAGES)
def test_lines_of_text_are_wrapped(page: str) -> None:
    """Rows of tables can't be."""
    lines = enumerate((ROOT / page).read_text().splitlines(), 1)
    assert [number for number, line in lines if len(line) > 120 and not line.startswith("|")] == []


def test_layers_stand_as_they_are_held() -> None:
    """The table of the layers inside `scheduling/` names those of the import contract, in their order."""
    page = (ROOT / "docs/architecture.md").read_text()
    table = page.split("| layer | subject |\n| --- | --- |\n")[1].split("\n\n")[0]
    shown = [re.findall(r"`(\w+)/?`", row.split("|")[1]) for row in table.splitlines()]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    held = next(one["layers"] for one in contracts if one.get("containers") == ["scheduling"])
    assert [sorted(names) for names in shown] == [sorted(row.split(" | ")) for row in held]


def test_every_requirement_of_the_standard_stands_once_with_its_state() -> None:
    """ASVS 5.0.0 has 253 requirements of levels 1 and 2."""
    rows = [row.split("|") for row in (ROOT / "docs/security.md").read_text().splitlines() if re.match(r"\| \d", row)]
    numbers = [number for row in rows for number in re.findall(r"\b\d+\.\d+\.\d+\b", row[1])]
    assert len(numbers) == len(set(numbers)) == 253
    assert {row[2].strip() for row in rows} == {"met", "no", "n.a."}
    reasonless = [row[1].strip() for row in rows if len(row[3].strip()) < 4]
    assert reasonless == []
