"""Messages, their templates, join links and the reasons in a real browser: each button is pressed where it stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core import mail
from playwright.sync_api import Locator, Page, expect

from config.celery import app
from scheduling.models import ChangeReason, JoinLink, Message, MessageTemplate, Schedule
from tests.browser.steps import agree, dialog
from tests.browser.visitor import DESKTOP, PHONE, Visitor, broken_rules, show
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link
from tests.scheduling.message_steps import interview, move, propose, send, staffed_loop, states

pytestmark = IN_BROWSER
CANDIDATE, INTERVIEWER = "Ada Osei", "Interviewer Acme"


@pytest.fixture
def working() -> Iterator[None]:
    """Run tasks at once, where they are enqueued."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def schedule(team: Team) -> Schedule:
    return staffed_loop(team, "Coding")


def section(visitor: Visitor, team: Team, schedule: Schedule) -> Locator:
    visitor.page.goto(team.url(f"schedules/{schedule.pk}/communications/"))
    found = visitor.page.get_by_role("region", name="Messages")
    expect(found).to_be_visible()
    return found


def row(within: Locator, name: str) -> Locator:
    return within.get_by_role("listitem").filter(has=within.page.locator("bdi", has_text=name)).first


def toast(page: Page, words: str) -> None:
    expect(page.locator(".toast").last).to_contain_text(words)


def test_drafts_are_prepared_changed_discarded_and_sent(
    visitor: Visitor, team: Team, schedule: Schedule, working: None
) -> None:
    page, messages = visitor.page, section(visitor, team, schedule)
    messages.get_by_role("button", name="Prepare 2 messages").click()
    expect(messages.get_by_role("button", name="Send 2 messages")).to_be_visible()

    row(messages, CANDIDATE).get_by_role("button", name="Edit").click()
    dialog(page).get_by_label("Subject").fill("See you soon")
    dialog(page).get_by_role("button", name="Save draft").click()
    toast(page, "Draft saved. Nothing is sent yet.")
    expect(row(messages, CANDIDATE)).to_contain_text("· edited")
    assert Message.objects.get(audience="candidate").subject_source == "See you soon"
    row(messages, CANDIDATE).get_by_role("button", name="Edit").click()
    expect(dialog(page).get_by_label("Subject")).to_have_value("See you soon")
    visitor.check()
    dialog(page).get_by_role("button", name="Reset to template").click()
    toast(page, "Draft reset to the template.")
    expect(row(messages, CANDIDATE)).not_to_contain_text("· edited")

    row(messages, INTERVIEWER).get_by_role("button", name="Discard").click()
    toast(page, "Draft discarded.")
    expect(row(messages, INTERVIEWER).get_by_role("button", name="Discard")).to_have_count(0)
    visitor.check()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    toast(page, "Draft restored.")
    row(messages, INTERVIEWER).get_by_role("button", name="Discard").click()
    toast(page, "Draft discarded.")
    messages.get_by_role("button", name="Send 1 message").click()
    expect(row(messages, CANDIDATE)).to_contain_text("Sent")
    assert [one.to for one in mail.outbox] == [["Ada Osei <ada@example.com>"]]

    row(messages, CANDIDATE).get_by_role("button", name="Send again").click()
    question = page.get_by_role("alertdialog")
    for size, theme in ((DESKTOP, "light"), (PHONE, "dark")):
        show(page, size, theme)
        assert broken_rules(page) == [], theme
    show(page, DESKTOP, "light")
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(row(messages, CANDIDATE).get_by_role("button", name="Send again")).to_be_focused()
    page.keyboard.press("Enter")
    expect(question.get_by_role("button").last).to_have_text("Send again")
    agree(page, "already has it.")
    toast(page, "Sending it again.")
    assert [one.to for one in mail.outbox] == [["Ada Osei <ada@example.com>"]] * 2
    visitor.check()


def test_a_hiring_manager_reads_along(visitor: Visitor, team: Team, schedule: Schedule, working: None) -> None:
    """From the draft to the copy: what the preview says is what leaves."""
    make_link(schedule.interviews.get(), connect(team), "ready")
    propose(schedule, team)
    page, messages = visitor.page, section(visitor, team, schedule)
    row(messages, CANDIDATE).get_by_role("button", name="Edit").click()
    dialog(page).get_by_label("Cc").fill("hana@acme.example, olu")
    dialog(page).get_by_role("button", name="Save draft").click()
    expect(dialog(page)).to_contain_text("“olu” is no e-mail address.")
    dialog(page).get_by_label("Cc").fill("hana@acme.example")
    dialog(page).get_by_role("button", name="Save draft").click()
    expect(row(messages, CANDIDATE)).to_contain_text("Cc: hana@acme.example")
    row(messages, CANDIDATE).get_by_role("button", name="Preview").click()
    expect(dialog(page)).to_contain_text("They get a copy without join links and calendar event.")
    dialog(page).get_by_role("tab", name="Plain text").click()
    dialog(page).get_by_text("Copy in Cc").click()
    copy = dialog(page).locator("#preview-text details pre")
    expect(copy).to_contain_text("Copy of an e-mail to Ada Osei, without personal join links.")
    shown = copy.inner_text()
    visitor.check()
    dialog(page).get_by_role("button", name="Close").last.click()
    messages.get_by_role("button", name="Send 2 messages").click()
    expect(row(messages, CANDIDATE)).to_contain_text("Sent")
    visitor.quiet()
    [sent] = [one for one in mail.outbox if one.recipients() == ["hana@acme.example"]]
    assert str(sent.body).strip() == shown.strip()
    assert "/join/" not in shown


def test_a_message_that_may_have_arrived_is_settled_or_sent_again(
    visitor: Visitor, team: Team, schedule: Schedule, working: None
) -> None:
    send(schedule, team)
    mail.outbox.clear()
    Message.objects.update(state="unknown", sent_at=None, problem="The mail server hung up.")
    page, messages = visitor.page, section(visitor, team, schedule)
    row(messages, CANDIDATE).get_by_role("button", name="Mark as sent").click()
    expect(row(messages, CANDIDATE)).to_contain_text("Sent")
    assert (mail.outbox, sorted(states(schedule))) == ([], ["sent", "unknown"])
    row(messages, INTERVIEWER).get_by_role("button", name="Send again").click()
    agree(page, "may get it twice.")
    toast(page, "Sending it again.")
    expect(row(messages, INTERVIEWER)).to_contain_text("Sent")
    assert [one.to for one in mail.outbox] == [["Interviewer Acme <interviewer@acme.example>"]]


def test_a_further_mail_that_may_have_arrived_is_settled_or_sent_again(
    visitor: Visitor, team: Team, working: None
) -> None:
    """The candidate's second day is a mail of its own."""
    schedule = staffed_loop(team, "Coding", "Design")
    move(interview(schedule, "Design"), days=1)
    send(schedule, team)
    mail.outbox.clear()
    part = Message.objects.exclude(part_of=None)
    for button, mails in (("Mark as sent", 0), ("Send again", 1)):
        part.update(state="unknown", problem="The mail server hung up.")
        messages = section(visitor, team, schedule)
        row(messages, CANDIDATE).get_by_role("list").get_by_role("button", name=button).click()
        expect(row(messages, CANDIDATE)).not_to_contain_text("The mail server hung up.")
        assert ([one.state for one in part], len(mail.outbox)) == (["sent"], mails)


def test_a_join_link_is_revoked_and_renewed(visitor: Visitor, team: Team, schedule: Schedule) -> None:
    make_link(schedule.interviews.get(), connect(team), "ready")
    send(schedule, team)
    section(visitor, team, schedule)
    links = visitor.page.get_by_role("region", name="Join links")
    links.get_by_text("2 links, none used yet").click()
    mine = links.get_by_role("row").filter(has_text=CANDIDATE)
    mine.get_by_role("button", name="Revoke").click()
    agree(visitor.page, "Revoke this join link? It stops working at once.")
    expect(mine).to_contain_text("Revoked on")
    visitor.quiet()
    assert JoinLink.objects.filter(membership=None, revoked_at=None).count() == 0
    mine.get_by_role("button", name="Renew").click()
    expect(mine).to_contain_text("Not used yet")
    visitor.quiet()
    assert JoinLink.objects.filter(membership=None, revoked_at=None).count() == 1
    before = JoinLink.objects.get(membership=None, revoked_at=None).token_hash
    mine.get_by_role("button", name="Renew").click()
    agree(visitor.page, "Renew this join link? The old one stops working. Send the new one.")
    expect(mine.get_by_role("button", name="Revoke")).to_be_visible()
    visitor.quiet()
    assert JoinLink.objects.get(membership=None, revoked_at=None).token_hash != before
    visitor.check()


def test_an_admin_words_a_template_and_the_reasons(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/templates/"))
    page.get_by_role("link", name="Invitation").first.click()
    original = page.get_by_label("Subject").input_value()
    page.get_by_label("Subject").fill("Come and meet us")
    page.get_by_role("button", name="Preview example").click()
    expect(page.get_by_role("region", name="Example")).to_contain_text("Come and meet us")
    assert not MessageTemplate.objects.exists()
    page.get_by_role("button", name="Save template").click()
    expect(page.get_by_role("alert").first).to_contain_text("Template saved.")
    assert MessageTemplate.objects.get().subject == "Come and meet us"
    visitor.check()
    page.get_by_role("button", name="Reset to default").click()
    expect(page.get_by_role("alert").first).to_contain_text("Template reset to the default.")
    expect(page.get_by_label("Subject")).to_have_value(original)
    assert not MessageTemplate.objects.exists()

    page.get_by_role("link", name="Scheduling", exact=True).click()
    page.get_by_label("Reasons for moving and cancelling").fill("Snow\nFlu")
    page.get_by_role("button", name="Save reasons").click()
    expect(page.get_by_role("alert").first).to_contain_text("Reasons saved.")
    assert list(ChangeReason.objects.order_by("position").values_list("text", flat=True)) == ["Snow", "Flu"]
    visitor.check()
