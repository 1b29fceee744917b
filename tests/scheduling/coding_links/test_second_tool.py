"""Two coding tools in one organization: each is known by its own name, and the core knows neither."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations import key_checks
from integrations.models import Integration, KeyCheck
from integrations.registry import TOOLS
from scheduling import coding_links
from scheduling.models import CodingLink, Interview, LinkState
from tests.jobs.rows import make_interview
from tests.pad.tool import KEY, LINKS, PAD
from tests.scheduling.coding_links.conftest import Bench
from tests.scheduling.test_communications import text_of

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
FOLDER = Path(__file__).parents[2] / "pad" / "templates"


@pytest.fixture(autouse=True)
def pad(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Register the second tool, as a vendor's line in the registry would."""
    monkeypatch.setitem(TOOLS, "pad", PAD)
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], FOLDER]}]
    LINKS.clear()


def page(bench: Bench, address: str) -> str:
    return text_of(bench.team.client(bench.team.admin).get(bench.team.url(address)).content.decode())


def click(bench: Bench, address: str, **data: str) -> str:
    answer = bench.team.client(bench.team.admin).post(bench.team.url(address), data, headers={"HX-Request": "true"})
    assert answer.status_code in {200, 422}
    return text_of(answer.content.decode())


def connect_pad(bench: Bench) -> Integration:
    """Connect as the dialog does: the key is pasted, and a worker checks it."""
    click(bench, "settings/integrations/pad/connect/", api_key=KEY)
    key_checks.run(KeyCheck.objects.latest("id").pk)
    return Integration.objects.get(kind="pad")


def add(bench: Bench, interview: Interview, tool: str) -> CodingLink:
    click(bench, f"interviews/{interview.pk}/links/{tool}/add/")
    bench.run()
    return CodingLink.objects.filter(interview=interview).latest("id")


def test_it_is_connected_and_managed_under_its_own_name(bench: Bench) -> None:
    assert "Connect Pad" in page(bench, "settings/integrations/pad/connect/")
    made = connect_pad(bench)
    assert (made.state, made.company_name) == ("connected", "Acme Pads")
    assert (made.write_ceiling, made.read_ceiling, made.write_rate) == (20, 40, 20)
    shown = page(bench, "settings/integrations/pad/")
    assert "Default for Pad: 20." in shown
    assert "Webhook" not in shown and "Refresh templates" not in shown
    assert "CodeSignal" not in shown
    assert "Webhook" in page(bench, "settings/integrations/codesignal/")


def test_its_link_is_created_and_shown_under_its_own_name(bench: Bench) -> None:
    connect_pad(bench)
    # Long before the interview: a link that never expires has no need to wait.
    interview = bench.interview(starts_in=timedelta(days=200))
    assert "+ Add Pad link" in page(bench, f"schedules/{interview.schedule_id}/links/pad/")
    link = add(bench, interview, "pad")
    assert (link.state, link.url, link.expires_at) == ("ready", "https://pad.example/0", None)
    shown = page(bench, f"schedules/{interview.schedule_id}/communications/")
    assert "Ready" in shown and "CodeSignal Pad" in shown
    dialog = page(bench, f"schedules/{interview.schedule_id}/links/pad/")
    assert "Pad links for Ada Byron" in dialog and "The link is deleted in Pad too." in dialog
    shown = page(bench, f"interviews/{interview.pk}/links/history/")
    assert "Request sent to Pad." in shown and "Created in Pad." in shown
    click(bench, f"links/{link.pk}/remove/")
    bench.run()
    assert LINKS == {}
    assert "Deleted in Pad." in page(bench, f"interviews/{interview.pk}/links/history/")


def test_a_refusal_of_its_own_is_said_in_its_own_words(bench: Bench) -> None:
    connect_pad(bench)
    for number in range(3):
        link = add(bench, bench.interview(email=f"person{number}@example.com"), "pad")
    assert (link.state, link.problem_code, link.problem_params) == ("failed", "full", {"most": "2"})
    shown = page(bench, f"schedules/{link.interview.schedule_id}/links/pad/")  # type: ignore[union-attr]
    assert "Pad has no room for more than 2 pads." in shown


def test_each_plan_names_its_tool(bench: Bench) -> None:
    connect_pad(bench)
    wanted = {}
    for number, tool in enumerate(("pad", "codesignal")):
        interview = bench.interview(email=f"person{number}@example.com")
        interview.plan_interview = make_interview(bench.team, name=tool, link_tool=tool)
        interview.save()
        coding_links.request_default_links(schedule=interview.schedule, actor=None)
        wanted[tool] = interview
    bench.run()
    for tool, interview in wanted.items():
        link = CodingLink.objects.get(interview=interview)
        assert (link.integration.kind, link.state) == (tool, LinkState.READY)


def test_a_plan_is_switched_to_another_tool(bench: Bench) -> None:
    connect_pad(bench)
    planned = make_interview(bench.team, link_tool="codesignal", template_id="t1", template_name="Graphs")
    job = planned.plan.stage.job_id
    shown = bench.team.client(bench.team.admin).get(bench.team.url(f"jobs/{job}/")).content.decode()
    assert "Generate a Pad link by default" in shown and "Generate a CodeSignal link by default" in shown
    shown = click(bench, f"jobs/interviews/{planned.pk}/default-link/", default="on", tool="pad")
    assert "Choose a Pad template" in shown
    planned.refresh_from_db()
    assert (planned.link_tool, planned.template_id) == ("pad", "")


def test_an_interview_has_one_link_whichever_tool_makes_it(bench: Bench) -> None:
    connect_pad(bench)
    interview = bench.interview()
    link = add(bench, interview, "pad")
    assert add(bench, interview, "codesignal") == link
    assert bench.at_vendor() == []
    assert "Coding" not in page(bench, f"schedules/{interview.schedule_id}/links/codesignal/").partition("Close")[0]


def test_when_its_key_dies_only_it_pauses(bench: Bench) -> None:
    pads = connect_pad(bench)
    Integration.objects.filter(pk=pads.pk).update(api_key="another-key")
    pad_link = add(bench, bench.interview(), "pad")
    assert pad_link.state == LinkState.PENDING
    assert {row.kind: row.state for row in Integration.objects.all()} == {"codesignal": "connected", "pad": "paused"}
    banner = page(bench, "jobs/")
    assert "Pad is paused: new links wait. Pad did not accept the API key." in banner
    assert add(bench, bench.interview(email="grace@example.com"), "codesignal").state == LinkState.READY
