"""A file that is far too large: the browser shows why it was not taken, not a broken connection."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Visitors


def test_a_file_that_the_web_server_does_not_take_is_answered_with_a_page(visitors: Visitors, tmp_path: Path) -> None:
    visitor = visitors()
    page = visitor.page
    visitor.go("Candidates")
    page.get_by_role("link", name="Import").click()
    large = tmp_path / "large.csv"
    large.write_bytes(b"Name;E-mail\n" + b"Bronwyn Achterberg;bronwyn@example.org\n" * 300_000)
    page.get_by_label("File").set_input_files(large)
    page.get_by_role("button", name="Check rows").click()
    expect(page.get_by_role("heading", name="This is too large")).to_be_visible()
    expect(page.get_by_text("Nothing was saved.")).to_be_visible()
    visitor.complaints = [each for each in visitor.complaints if "status of 413" not in each]
    visitor.check()
    page.get_by_role("link", name="Go to Home").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
