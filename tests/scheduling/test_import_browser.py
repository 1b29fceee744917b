"""Files of other programs in a real browser, with its Content-Security-Policy: from the upload to the candidates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from jobs.models import Job
from scheduling.models import Candidate
from tests.browser.visitor import EXPECTED
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.test_candidates_csv_browser import choose
from tests.scheduling.test_import_columns import LINKEDIN, OUTLOOK

pytestmark = IN_BROWSER


@pytest.fixture(params=[1280, 390])
def page(request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer, team: Team) -> Iterator[Page]:
    """A window in which the recruiter is signed in. Nothing on any page may be refused or go wrong."""
    cookie = team.client(team.recruiter).cookies["sessionid"].value
    trouble: list[str] = []
    context = chromium.new_context(viewport={"width": request.param, "height": 900}, base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    opened = context.new_page()
    opened.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    yield opened
    context.close()
    assert [text for text in trouble if not any(part in text for part in EXPECTED)] == []


def upload(page: Page, team: Team, data: bytes | str) -> None:
    page.goto(team.url("candidates/import/"))
    choose(page, data)
    page.get_by_role("button", name="Check rows").click()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("data", [LINKEDIN, OUTLOOK], ids=["linkedin", "outlook"])
def test_a_file_of_another_program(page: Page, team: Team, data: str) -> None:
    upload(page, team, data)
    expect(page.get_by_role("heading", name="Match columns")).to_be_visible()
    expect(page.get_by_label("First Name")).to_have_value("first_name")
    expect(page.get_by_label("Company")).to_have_value("")
    assert fits(page)
    page.get_by_role("button", name="Preview import").click()
    expect(page.get_by_text("Ada Case")).to_be_visible()
    page.get_by_role("button", name="Import 1 candidate").click()
    expect(page.get_by_text("1 candidate imported.")).to_be_visible()
    person = Candidate.objects.get()
    assert (person.name, person.email, person.job) == ("Ada Case", "ada@x.example", None)


def test_a_bad_row_is_mended_in_place(page: Page, team: Team) -> None:
    upload(page, team, "Name,E-mail,Phone\nAda,ada@x,4.47911E+11\nBo,bo@x.example,1\n")
    expect(page.get_by_role("heading", name="Fix 1 row")).to_be_visible()
    assert fits(page)
    row = page.get_by_role("group", name="Row 2")
    row.get_by_label("E-mail").fill("ada@x.example")
    row.get_by_label("E-mail").press("Enter")
    expect(page.get_by_text("A spreadsheet shortened this number.")).to_be_visible()
    expect(row.get_by_label("E-mail")).to_have_value("ada@x.example")
    row.get_by_label("Phone").fill("+44 7911 123456")
    page.get_by_role("button", name="Check again").last.click()
    page.get_by_role("button", name="Import 2 candidates").click()
    expect(page.get_by_text("2 candidates imported.")).to_be_visible()
    assert set(Candidate.objects.values_list("email", "phone")) == {
        ("ada@x.example", "+44 7911 123456"),
        ("bo@x.example", "1"),
    }


def test_a_wrong_guess_is_corrected_and_remembered(page: Page, team: Team) -> None:
    Job.objects.create(organization=team.organization, title="Engineer")
    upload(page, team, "Name,Position,E-mail\nAda,Engineer,ada@x.example\n")
    page.get_by_label("Position").select_option("Job")
    page.get_by_role("button", name="Preview import").click()
    page.get_by_role("button", name="Import 1 candidate").click()
    expect(page.get_by_text("1 candidate imported.")).to_be_visible()
    upload(page, team, "Name,Position,E-mail\nBo,Engineer,bo@x.example\n")
    expect(page.get_by_role("heading", name="Preview import")).to_be_visible()
    page.get_by_role("button", name="Import 1 candidate").click()
    expect(page.get_by_text("1 candidate imported.")).to_be_visible()
    assert [each.job.title if each.job else "" for each in Candidate.objects.all()] == ["Engineer", "Engineer"]


def test_another_encoding_shows_at_once_and_choices_stay(page: Page, team: Team) -> None:
    upload(page, team, "Name;Foo;E-mail\nŐry Győző;x;o@x.example\n".encode("cp1250"))
    expect(page.locator("tbody").get_by_text("Gyõzõ")).to_be_visible()
    page.get_by_label("Foo").select_option("Phone")
    page.get_by_label("Encoding").focus()
    page.get_by_label("Encoding").select_option("cp1250")
    expect(page.locator("tbody").get_by_text("Őry Győző")).to_be_visible()
    expect(page.get_by_label("Foo")).to_have_value("phone")
    expect(page.get_by_label("Encoding")).to_be_focused()
    page.get_by_label("Row with the column names").select_option("0")
    expect(page.get_by_label("Column 1")).to_be_visible()
    page.get_by_label("Row with the column names").select_option("1")
    expect(page.get_by_label("Foo")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Preview import").click()
    page.get_by_role("button", name="Import 1 candidate").click()
    expect(page.get_by_text("1 candidate imported.")).to_be_visible()
    assert Candidate.objects.get().name == "Őry Győző"


def test_an_address_with_letters_is_shown_readably_and_stored_for_mail(page: Page, team: Team) -> None:
    page.goto(team.url("candidates/"))
    page.get_by_role("button", name="Add candidate").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Zoe\u0308 \u202eCase")
    dialog.get_by_label("E-mail").fill("\u200bada@straße.example")
    dialog.get_by_role("button", name="Add candidate").click()
    expect(page.get_by_role("link", name="ada@straße.example")).to_be_visible()
    assert Candidate.objects.get().email == "ada@xn--strae-oqa.example"
    assert Candidate.objects.get().name == "Zoë Case"


def test_wrong_rows_are_left_out_restored_and_discarded(page: Page, team: Team) -> None:
    upload(page, team, "Name,E-mail\nAda,ada@x\nBo,bo@x.example\n,cy@x.example\n")
    page.get_by_role("button", name="Leave out row 4").click()
    expect(page.get_by_text("Row 4 is left out.")).to_be_visible()
    page.get_by_role("button", name="Leave out 1 row").click()
    expect(page.get_by_text("2 rows are left out: 2, 4")).to_be_visible()
    expect(page.get_by_role("button", name="Import 1 candidate")).to_be_visible()
    page.get_by_role("button", name="Put back").click()
    expect(page.get_by_role("heading", name="Fix 2 rows")).to_be_visible()
    page.get_by_role("button", name="Discard import").click()
    expect(page.get_by_text("Import discarded. No candidates were added.")).to_be_visible()
    assert not Candidate.objects.exists()


def test_columns_are_matched_without_scripts(chromium: Browser, live_server: LiveServer, team: Team) -> None:
    cookie = team.client(team.recruiter).cookies["sessionid"].value
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    upload(page, team, "Name;Foo;E-mail\nŐry Győző;x;o@x.example\n".encode("cp1250"))
    page.get_by_label("Encoding").select_option("cp1250")
    page.get_by_role("button", name="Refresh preview").click()
    expect(page.locator("tbody").get_by_text("Őry Győző")).to_be_visible()
    page.get_by_role("button", name="Preview import").click()
    page.get_by_role("button", name="Import 1 candidate").click()
    expect(page.get_by_text("1 candidate imported.")).to_be_visible()
    context.close()
    assert Candidate.objects.get().name == "Őry Győző"
