"""Every form and button that posts is in the register of those that a real browser presses."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.browser.posts import POSTING, ROOT, TEMPLATES, Place, places, posting_tags
from tests.browser.register import ALIKE, REGISTER, Entry
from tests.conftest import Team
from tests.everything import one_of_each
from tests.test_addresses import OURS, VISITORS, a_calendar_vendor, address_of, the_demos_pages_too

__all__ = ["a_calendar_vendor", "the_demos_pages_too"]

#: Addresses for visitors that are read only, and those that vendors and directories post to.
WITHOUT_FORMS = {
    "healthz",
    "readyz",
    "metrics",
    "security-txt",
    "accent",
    "logo",
    "zones",
    "mfa_index",
    "passkey-options",
    "start",
    "join",
    "join-enter",
    "join-meet",
    "join-calendar",
    "webhook",
    "calendar-notices",
    "scim",
    "single-sign-on-begin",
    "single-sign-on-callback",
    "calendar-consent-back",
    "single-sign-on-saml",
    "single-sign-on-confirm",
    "account-no-way",
    "single-sign-on-saml-metadata",
    "password-moved",  # leads on
}


#: Posted by "Undo" in a notice (panelist.js), which has no form; their browser tests press it.
BY_NOTICE = {"interview-undo", "message-restore", "plan-restore"}


def is_written_down(place: Place) -> bool:
    entries = [entry for entry in REGISTER if entry.template == place.template]
    if place.button:
        return any(entry.button == place.button for entry in entries)
    return any(place.address in {"", entry.address} for entry in entries)


def is_still_there(entry: Entry) -> bool:
    module = ROOT / entry.module
    if not module.is_file() or not re.search(r"IN_BROWSER|mark\.browser|visitors", module.read_text()):
        return False
    if entry.button:
        return Place(entry.template, button=entry.button) in places()
    return any(
        place.template == entry.template and place.address in {"", entry.address} and not place.button
        for place in places()
    )


def test_each_form_and_button_is_written_down() -> None:
    assert [place for place in sorted(places()) if not is_written_down(place)] == []


def test_one_more_that_posts_like_another_is_written_down() -> None:
    found: dict[str, dict[str, int]] = {}
    for place, number in places().items():
        if number > 1:
            found.setdefault(place.template, {})[place.address or place.button] = number
    assert found == ALIKE


def test_nothing_is_written_down_that_is_gone() -> None:
    assert [entry for entry in REGISTER if not is_still_there(entry)] == []


def test_nothing_that_posts_is_overlooked() -> None:
    """The scan finds every attribute that posts, in whatever way its tag is written."""
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        seen = sum(len(POSTING.findall(tag)) for tag in posting_tags(text))
        assert (path.name, seen) == (path.name, len(POSTING.findall(text)))


@pytest.mark.django_db
def test_every_other_address_takes_no_post(team: Team, as_admin: Client) -> None:
    """Check all other addresses: forms whose address the view says are one place in a template, however many use it."""
    rows, written = one_of_each(team), {entry.address for entry in REGISTER} | BY_NOTICE
    others = [name for name in OURS if name not in written]
    assert len(others) > 20
    found = {name: as_admin.post(address_of(name, team.slug, rows)).status_code for name in others}
    assert {name: status for name, status in found.items() if status != 405} == {}
    assert {name for name in VISITORS if name not in written} == WITHOUT_FORMS
