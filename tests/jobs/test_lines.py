"""The last line of a plan and of a job's stages, in which one is typed after another; and lines that are pasted."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from jobs.models import PlanInterview, Stage
from organizations.models import AuditEvent
from tests.conftest import Team
from tests.jobs.rows import HTMX, connect, make_job, make_stage, order_of

pytestmark = pytest.mark.django_db

LINE = {"line": "1", "minutes": "60", "interviewer_count": "1", "kind": "video"}


@pytest.fixture
def stage(team: Team) -> Stage:
    return make_stage(make_job(team), interviews=["Talk"])


def add(client: Client, team: Team, stage: Stage, **sent: str) -> tuple[int, str]:
    answer = client.post(team.url(f"jobs/stages/{stage.pk}/interviews/new/"), LINE | sent, **HTMX)
    return answer.status_code, answer.content.decode()


def field(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert found is not None
    return found.group()


def line_of(page: str, stage: Stage) -> str:
    start = page.index(f'id="line-{stage.pk}"')
    return page[start : page.index("</form>", start)]


def rows() -> list[tuple[str, int, str]]:
    return list(PlanInterview.objects.order_by("position").values_list("name", "minutes", "link_tool"))


def test_the_next_interview_can_be_typed_at_once(as_recruiter: Client, team: Team, stage: Stage) -> None:
    status, page = add(as_recruiter, team, stage, name=" Coding ", minutes="45")
    assert status == 200
    assert rows() == [("Talk", 60, ""), ("Coding", 45, "")]
    assert "autofocus" in field(page, "name") and 'value=""' in field(page, "name")
    assert 'value="60"' in field(page, "minutes")
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["plan_interview.added"]


def test_an_interview_is_typed_with_its_link(as_recruiter: Client, team: Team, stage: Stage) -> None:
    connect(team)
    _status, page = add(as_recruiter, team, stage, name="Coding", tool="codesignal")
    assert rows()[-1] == ("Coding", 60, "codesignal")
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        "plan_interview.added",
        "plan_interview.link_switched_on",
    ]
    assert "checked" not in field(line_of(page, stage), "tool").replace("checkbox", "")


@pytest.mark.parametrize("tool", ["codesignal", "nothing", "\x00"])
def test_a_tool_that_is_not_connected_makes_no_links(as_recruiter: Client, team: Team, stage: Stage, tool: str) -> None:
    page = as_recruiter.get(team.url(f"jobs/{stage.job_id}/")).content.decode()
    assert 'name="tool"' not in line_of(page, stage)
    add(as_recruiter, team, stage, name="Coding", tool=tool)
    assert rows()[-1] == ("Coding", 60, "")


@pytest.mark.parametrize(
    ("wrong", "words", "marked"),
    [
        ({"name": " "}, "Enter a name, such as “System design”.", "name"),
        ({"minutes": "4"}, "Enter at least 5 minutes.", "minutes"),
        ({"minutes": ""}, "Enter the duration in minutes.", "minutes"),
        ({"name": "x" * 121}, "at most 120 characters", "name"),
    ],
)
def test_what_is_wrong_is_said_below_the_line(
    as_recruiter: Client, team: Team, stage: Stage, wrong: dict[str, str], words: str, marked: str
) -> None:
    connect(team)
    status, page = add(as_recruiter, team, stage, **({"name": "Pair", "tool": "codesignal"} | wrong))
    assert status == 422
    assert words in page and f'id="stage-{stage.pk}"' in page
    assert 'aria-invalid="true"' in field(page, marked) and "autofocus" in field(page, marked)
    assert field(line_of(page, stage), "tool").endswith("checked>")
    if "name" not in wrong:
        assert 'value="Pair"' in field(page, "name")
    assert order_of(stage) == ["Talk"]


def test_without_scripts_a_wrong_line_becomes_the_whole_form(as_recruiter: Client, team: Team, stage: Stage) -> None:
    answer = as_recruiter.post(team.url(f"jobs/stages/{stage.pk}/interviews/new/"), LINE | {"name": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a name" in page and "Number of interviewers" in page


def test_pasted_lines_become_interviews(as_recruiter: Client, team: Team, stage: Stage) -> None:
    connect(team)
    pasted = "Coding 90\r\n\n Intro call, 30 min\nLunch\t45\nSystem design 2\nTalk – 15m\nArea 51\n60\nPairing: 45'"
    status, _page = add(as_recruiter, team, stage, pasted=pasted, minutes="50", tool="codesignal")
    assert status == 200
    assert rows()[1:] == [
        ("Coding", 90, "codesignal"),
        ("Intro call", 30, "codesignal"),
        ("Lunch", 45, "codesignal"),
        ("System design 2", 50, "codesignal"),
        ("Talk", 15, "codesignal"),
        ("Area 51", 50, "codesignal"),
        ("60", 50, "codesignal"),
        ("Pairing", 45, "codesignal"),
    ]
    assert AuditEvent.objects.filter(action="plan_interview.added").count() == 8


def test_pasted_lines_are_counted_in_the_notice(as_recruiter: Client, team: Team, stage: Stage) -> None:
    address = team.url(f"jobs/stages/{stage.pk}/interviews/new/")
    answer = as_recruiter.post(address, LINE | {"pasted": "A\nB"}, **HTMX)
    assert json.loads(answer["HX-Trigger"])["notice"] == "2 interviews added."


@pytest.mark.parametrize(
    ("pasted", "words"),
    [("A\n" + "x" * 121, "at most 120 characters"), ("A\n" * 41, "Paste at most 40 lines at once.")],
)
def test_of_wrong_lines_none_is_added(as_recruiter: Client, team: Team, stage: Stage, pasted: str, words: str) -> None:
    status, page = add(as_recruiter, team, stage, pasted=pasted)
    assert status == 422
    assert words in page
    assert order_of(stage) == ["Talk"]
    assert not AuditEvent.objects.exists()


def test_the_next_stage_can_be_typed_at_once(as_recruiter: Client, team: Team, stage: Stage) -> None:
    address = team.url(f"jobs/{stage.job_id}/stages/new/")
    page = as_recruiter.post(address, {"line": "1", "name": "Final"}, **HTMX).content.decode()
    assert list(Stage.objects.order_by("position").values_list("name", flat=True)) == ["Technical interviews", "Final"]
    line = page[page.index('id="add-stage"') :]
    assert "autofocus" in field(line, "name") and 'value=""' in field(line, "name")


def test_a_stage_without_a_name_is_refused_in_its_line(as_recruiter: Client, team: Team, stage: Stage) -> None:
    sent: dict[str, Any] = {"line": "1", "name": " "}
    answer = as_recruiter.post(team.url(f"jobs/{stage.job_id}/stages/new/"), sent, **HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="stages"' in page and "Enter a name, such as “Technical interviews”." in page
    assert 'aria-invalid="true"' in field(page[page.index('id="add-stage"') :], "name")
    assert Stage.objects.count() == 1
