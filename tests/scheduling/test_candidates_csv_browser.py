"""Import in a real browser: the way through, and what axe finds, on a wide light and a narrow dark window."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from jobs.models import Job, Stage
from scheduling.models import Candidate
from tests.chromium import IN_BROWSER
from tests.conftest import Team

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
PICTURES = os.environ.get("SCREENSHOTS", "")

pytestmark = IN_BROWSER


@pytest.fixture(params=["desktop-light", "desktop-dark", "phone-light", "phone-dark"])
def page(request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer, team: Team) -> Iterator[Page]:
    """A window in which the recruiter is signed in."""
    size, scheme = request.param.split("-")
    cookie = team.client(team.recruiter).cookies["sessionid"].value
    context = chromium.new_context(
        viewport={"width": 390 if size == "phone" else 1280, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,  # for axe alone
        base_url=live_server.url,
    )
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    yield opened
    context.close()


def check(page: Page, request: pytest.FixtureRequest, name: str) -> None:
    """No violation, and nothing wider than the window."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}-{request.node.callspec.id}.png", full_page=True)
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(result => result.violations)")
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_from_a_wrong_paste_to_candidates(page: Page, team: Team, request: pytest.FixtureRequest) -> None:
    job = Job.objects.create(organization=team.organization, title="A job whose title goes on and on " * 4)
    Stage.objects.create(organization=team.organization, job=job, name="Onsite")
    Candidate.objects.create(organization=team.organization, name="Ada Osei", email="ada@example.com")
    page.goto(team.url("candidates/"))
    check(page, request, "list")
    page.get_by_role("link", name="Import").click()
    expect(page.get_by_role("heading", name="Import candidates")).to_be_visible()
    check(page, request, "upload")
    page.get_by_role("button", name="Check rows").click()
    expect(page.get_by_text("Choose a file, or paste rows below.")).to_be_visible()
    check(page, request, "refused")
    rows = "\n".join(f"Person {n},p{n}@example.com,+49 170 {n},Europe/Berlin,," for n in range(60))
    head = "Name,E-mail,Phone,Time zone,Job,Stage,Salary\n"
    ada = f"Ada Lovelace,ada@example.com,,Mars,{job.title},"
    wrong = f"{head}{ada},1\n{'W' * 160},no address,,,Nobody,Onsite\nCy,cy at x,,,,\n{rows}"
    page.get_by_label("Or paste rows").fill(wrong)
    page.get_by_role("button", name="Check rows").click()
    expect(page.get_by_role("heading", name="Match columns")).to_be_visible()
    check(page, request, "columns")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_label("Or paste rows")).to_have_value(wrong)
    page.get_by_role("button", name="Check rows").click()
    page.get_by_role("button", name="Preview import").click()
    expect(page.get_by_role("heading", name="Fix 3 rows")).to_be_visible()
    expect(page.get_by_role("heading", name="60 rows are ready")).to_be_visible()
    expect(page.get_by_text("Result")).to_have_count(0)
    check(page, request, "problems")
    ada_row = page.get_by_role("group", name="Row 2")
    ada_row.get_by_label("Time zone").fill("Berlin")
    page.get_by_role("button", name="Leave out row 3").click()
    expect(page.get_by_text("Row 3 is left out.")).to_be_visible()
    expect(ada_row).to_have_count(0)
    cy_row = page.get_by_role("group", name="Row 4")
    cy_row.get_by_label("E-mail").fill("cy@example.com")
    cy_row.get_by_label("E-mail").press("Enter")
    expect(page.get_by_role("heading", name="Rows to import")).to_be_visible()
    check(page, request, "preview")
    page.get_by_label("Update:").check()
    page.wait_for_url("**duplicates=update*")
    expect(page.get_by_text("Currently Ada Osei")).to_be_visible()
    check(page, request, "update")
    page.get_by_role("button", name="Import 62 candidates").click()
    expect(page.get_by_text("62 candidates imported. 1 row was left out.")).to_be_visible()
    assert Candidate.objects.filter(organization=team.organization).count() == 62
    check(page, request, "done")


def test_a_file_is_uploaded_and_the_list_downloaded(page: Page, team: Team, request: pytest.FixtureRequest) -> None:
    page.goto(team.url("candidates/import/"))
    choose(page, "Name;Notiz\nZoë;x\n".encode("cp1252"))
    page.get_by_role("button", name="Check rows").press("Enter")
    expect(page.get_by_text("The file was read as Western European (Windows-1252)")).to_be_visible()
    expect(page.get_by_text("No column is matched to an e-mail address.")).to_be_visible()
    check(page, request, "guessed")
    page.get_by_role("button", name="Preview import").press("Enter")
    page.get_by_role("button", name="Import 1 candidate").press("Enter")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[1] == '"Zoë","","","Europe/Berlin","",""'


def choose(page: Page, data: bytes | str) -> None:
    content = data.encode() if isinstance(data, str) else data
    page.get_by_label("File").set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": content})
