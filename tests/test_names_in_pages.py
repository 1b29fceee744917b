"""Names that people typed stand in `<bdi>` on every page: Arabic and Hebrew ones turn nothing beside them round.

“System design with محمد, 8 Dec” would show the 8 left of the name. Sentences that are built in Python use
`organizations.bidi.isolated` instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from jobs.models import Job, Stage
from organizations.models import AuditEvent, User
from organizations.trail import Trail
from scheduling.models import Candidate, Schedule
from tests.conftest import Team
from tests.scheduling.loops import make_loop

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html"))

#: What a value ends in that somebody typed as the name of somebody or something.
NAMES = re.compile(r"(?:^|\.)(?:name|title|who|location|place|organizer|user|candidate|job|stage)$")
#: The product's own titles, and names that vendors and the product's own lists give.
OURS = re.compile(
    r"^(?:(?:app|model|list|info|tool|row\.tool|card\.info|permission|action|row\.permission|item|day|page|question|part|category"
    r"|score|kind|field)"
    r"(?:\.|$)|(?:row|block|stage|column)\.place$|form\.|hours_form|title$|user$|name$|who$|job$|stage$|candidate$|step\.label)"
)
TOKEN = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[a-zA-Z/!]|>", re.DOTALL)


def is_name(expression: str, aliases: dict[str, bool]) -> bool:
    value = expression.split("|", maxsplit=1)[0].strip()
    if value in aliases:
        return aliases[value]
    return bool(NAMES.search(value)) and not OURS.search(value)


def aliases_of(tag: str, outer: dict[str, bool]) -> dict[str, bool]:
    """The variables that a tag binds and that are names."""
    return {name: is_name(value, outer) for name, value in re.findall(r"(\w+)=([\w.]+)", tag)}


def shown_without(source: str) -> Iterator[str]:
    """The names that stand in a template's text, neither in `<bdi>` nor in an attribute or a title of the window.

    A sentence that is kept in a variable (`asvar`) is looked at where the variable is shown.
    """
    in_tag, isolated, in_title, loops, kept = False, False, False, dict[str, bool](), ""
    scopes: list[dict[str, bool]] = []
    previous = 0
    for token in TOKEN.finditer(source):
        text, tag = token[0], source[token.start() : token.start() + 6]
        if text.startswith("{%"):
            word = text[2:-2].split()[0]
            if word in {"blocktranslate", "with"}:
                scopes.append(aliases_of(text, scopes[-1] if scopes else loops))
                kept = found[1] if (found := re.search(r"\basvar (\w+)", text)) else ""
            elif word in {"endblocktranslate", "endwith"}:
                scopes.pop()
                kept = ""
            elif word == "for" and (found := re.match(r"\{%\s*for\s+(\w+)\s+in\s+(\S+)", text)):
                loops[found[1]] = found[2].split(".")[-1] in {"names", "admins"}
            elif word == "block":
                in_title = text[2:-2].split()[1] == "title"
            elif word == "endblock":
                in_title = False
        elif text.startswith("{{"):
            known = {**loops, **{name: kind for scope in scopes for name, kind in scope.items()}}
            if in_tag or isolated or in_title or not is_name(text[2:-2], known):
                pass
            elif kept:
                loops[kept] = True
            else:
                yield f"line {source.count(chr(10), 0, token.start()) + 1}: {text}"
        elif text == ">":
            in_tag = False
        elif text.startswith("<"):
            in_tag = True
            if tag.startswith(("<bdi", "</bdi")):
                isolated = tag.startswith("<bdi")
            elif tag.startswith("<title"):
                in_title = True
        previous = token.end()
    assert previous <= len(source)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_name_in_a_template_is_isolated(path: Path) -> None:
    assert list(shown_without(path.read_text())) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>{{ row.name }}</p>", 1),
        ("<p><bdi>{{ row.name }}</bdi></p>", 0),
        ('<bdi class="x">{{ row.name }}</bdi> {{ row.name }}', 1),
        ('<a aria-label="{{ row.name }}">x</a>', 0),
        ("{% blocktranslate with name=interview.name %}Edit {{ name }}{% endblocktranslate %}", 1),
        ("{% blocktranslate with name=info.name %}Edit {{ name }}{% endblocktranslate %}", 0),
        ("{% for name in names %}{{ name }}{% endfor %}", 1),
        (
            '{% blocktranslate asvar s with name=row.name %}{{ name }}{% endblocktranslate %}<a title="{{ s }}">x</a>',
            0,
        ),
        ("{% blocktranslate asvar up with name=row.name %}{{ name }} up{% endblocktranslate %}<p>{{ up }}</p>", 1),
        ("{% block title %}{{ candidate.name }}{% endblock %}", 0),
        ("{{ assignment.membership.user }}, {{ schedule.job.title|default:'-' }}", 2),
    ],
)
def test_the_reader_of_templates_sees_them(source: str, found: int) -> None:
    assert len(list(shown_without(source))) == found


@pytest.mark.django_db
def test_built_sentences_isolate_names_too(team: Team, as_recruiter: Client) -> None:
    as_recruiter.post(team.url("candidates/new/"), {"name": "محمد", "time_zone": "Europe/Berlin"})
    assert "\u2068محمد\u2069 added." in as_recruiter.get(team.url("candidates/")).content.decode()
    as_recruiter.post(team.url("jobs/new/"), {"title": "מפתח 8"})
    event = AuditEvent.objects.get(action="job.created")
    assert "“\u2068מפתח 8\u2069”" in Trail([event]).sentence(event)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", ["candidates/", "jobs/", "schedules/", "candidates/{candidate}/", "home/", "settings/members/"]
)
def test_rows_drawn_without_a_template_escape_and_isolate_names(page: str, team: Team, as_admin: Client) -> None:
    typed, shown = "<b>محمد & 'co'</b>", "<bdi>&lt;b&gt;محمد &amp; &#x27;co&#x27;&lt;/b&gt;</bdi>"
    schedule = make_loop(team, "Coding")
    job = Job.objects.create(organization=team.organization, title=typed)
    stage = Stage.objects.create(organization=team.organization, job=job, name=typed, position=0)
    Schedule.objects.update(job=job, stage=stage)
    Candidate.objects.update(name=typed, job=job, stage=stage)
    User.objects.update(name=typed)
    html = as_admin.get(team.url(page.format(candidate=schedule.candidate_id))).content.decode()
    content = html[html.index("<main") : html.index("</main>")]
    assert "<b>" not in content
    assert shown in content
    # Only a box to choose from holds a name alone.
    assert not re.search(r"(?<!<bdi)>(?:· )?&lt;b&gt;", re.sub(r"<option.*?>", "<bdi>", content))
