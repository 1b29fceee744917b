"""The pages under "Help" are true: links and anchors lead somewhere, pictures are there, quoted words are on pages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from organizations.help_pages import FILES, FOLDER, anchor
from tests.conftest import Team

pytestmark = pytest.mark.django_db

ROOT = Path(settings.BASE_DIR)
#: What a person reads to do something; every word in quotes is one of the product's.
GUIDES = ["user-guide.md", "admin-guide.md", "operating.md", "troubleshooting.md"]
EVERY = sorted({file for file, _title in FILES.values()} | {"README.md"})
MOST_BYTES = 1_500_000


def text_of(file: str) -> str:
    return (FOLDER / file).read_text()


def anchors(file: str) -> set[str]:
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text_of(file), re.MULTILINE)}


@pytest.mark.parametrize("file", EVERY)
def test_every_link_and_picture_leads_somewhere(file: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", text_of(file)):
        name, _hash, section = target.partition("#")
        if not name.startswith("https://"):
            assert not name or (FOLDER / name).exists(), target
            assert not section or section in anchors(name or file), target


def test_every_page_is_reached_from_the_first() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", text_of("README.md")))
    assert linked >= {file for file, _title in FILES.values()} - {"README.md"}
    assert {path.name for path in FOLDER.glob("*.md")} == linked | {"README.md"}


@pytest.mark.parametrize("file", GUIDES)
def test_lines_are_short(file: str) -> None:
    assert [line for line in text_of(file).splitlines() if len(line) > 120 and not line.startswith("|")] == []


@cache
def sources() -> str:
    """All that the product can say: templates, and strings in Python. A tool's name is a parameter in both."""
    folders = [ROOT / name for name in ("templates", "organizations", "integrations", "jobs", "scheduling")]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in {".html", ".py"}]
    return "\n".join(path.read_text() for path in files if path.parent.name != "migrations").lower()


@pytest.mark.parametrize("file", GUIDES)
def test_quoted_words_are_the_products(file: str) -> None:
    lost = []
    for quoted in re.findall(r"[\"“]([^\"”\n]+)[\"”]", text_of(file)):
        said = re.sub(r"codesignal|\d+", r"[^\n]{1,40}?", re.escape(quoted.lower()))
        if not re.search(said, sources()):
            lost.append(quoted)
    assert lost == []


def test_pictures_are_used_and_small() -> None:
    pictures = {path.name: path.stat().st_size for path in (FOLDER / "images").iterdir()}
    used = {name for file in EVERY for name in re.findall(r"\(images/([^)]+)\)", text_of(file))}
    assert set(pictures) == used
    assert sum(pictures.values()) < MOST_BYTES


@pytest.mark.parametrize("page", FILES)
def test_every_page_opens_for_every_member(page: str, as_interviewer: Client, team: Team) -> None:
    answer = as_interviewer.get(team.url(f"help/{page}/" if page else "help/"))
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert ".md" not in re.sub(r"<code>.*?</code>", "", shown)
    for section, _words in answer.context["article"].sections:
        assert f'id="{section}"' in shown


def test_a_page_leads_to_the_others_and_to_pictures(as_interviewer: Client, team: Team) -> None:
    first = as_interviewer.get(team.url("help/")).content.decode()
    assert f'href="{team.url("help/user-guide/")}"' in first
    assert "architecture" not in first
    guide = as_interviewer.get(team.url("help/user-guide/")).content.decode()
    assert 'src="/static/help/schedule-new.webp"' in guide
    assert 'alt="The page “New schedule” with four interviews"' in guide
    unknown = as_interviewer.get(team.url("help/no-such-page/"))
    assert unknown.status_code == 404


def test_the_account_menu_leads_to_help(as_interviewer: Client, team: Team) -> None:
    assert f'href="{team.url("help/")}"' in as_interviewer.get(team.url("home/")).content.decode()
