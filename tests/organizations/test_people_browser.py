"""Members, invitations and one's own profile in a real browser: each form is sent from the page it stands on."""

from __future__ import annotations

import re
from datetime import date, time

from django.core import mail
from playwright.sync_api import Page, expect
from pytest_django import Settings

from organizations import address_change, invitations
from organizations.models import DayOff, Invitation, Membership
from tests.browser.steps import dialog, sign_out
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team

pytestmark = IN_BROWSER
PASSWORD = "tall-ships-sail-9"


def says(page: Page, words: str) -> None:
    expect(page.get_by_role("alert").first).to_contain_text(words)


def test_an_admin_looks_after_organization_and_members(admin_visitor: Visitor, team: Team) -> None:
    visitor, page = admin_visitor, admin_visitor.page
    page.goto(team.url("settings/"))
    page.get_by_label("Name", exact=True).fill("Acme & Sons")
    page.get_by_role("button", name="Save changes").click()
    says(page, "Settings saved.")
    team.organization.refresh_from_db()
    assert team.organization.name == "Acme & Sons"

    visitor.go("Organization Settings", "Members")
    page.get_by_label("E-mail").fill("nia@new.example")
    page.get_by_label("Role").first.select_option("Recruiter")
    page.get_by_role("button", name="Invite", exact=True).click()
    says(page, "nia@new.example")
    page.get_by_role("button", name="Send again to nia@new.example").click()
    says(page, "Invitation sent to nia@new.example again.")
    assert Invitation.objects.get().role == "recruiter"
    page.get_by_role("button", name="Withdraw invitation to nia@new.example").click()
    says(page, "Invitation to nia@new.example withdrawn.")
    expect(page.get_by_role("heading", name="Open invitations")).to_have_count(0)

    page.get_by_role("link", name="Edit Interviewer Acme").click()
    expect(page.get_by_role("region", name="Working hours")).to_contain_text("Only Interviewer Acme can change")
    page.get_by_label("Role", exact=True).last.select_option("Admin")
    page.get_by_role("button", name="Save changes").click()
    says(page, "Member saved.")
    team.interviewer.refresh_from_db()
    assert team.interviewer.role == "admin"
    keep_hours_and_days_off(page, team.interviewer, "Member saved.")
    visitor.check()
    page.get_by_role("button", name="Remove Interviewer Acme").click()
    dialog(page).get_by_role("button", name="Remove Interviewer Acme").click()
    says(page, "Interviewer Acme removed.")
    expect(page.get_by_role("link", name="Edit Interviewer Acme")).to_have_count(0)
    assert not Membership.objects.filter(pk=team.interviewer.pk).exists()


def keep_hours_and_days_off(page: Page, member: Membership, saved: str) -> None:
    """Save hours and a day off, on a member's page or on one's own: it says `saved`."""
    page.get_by_label("Works from").fill("07:30")
    page.get_by_label("Saturday").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("button", name="Save changes")).to_be_hidden()  # on the next page: what is saved is new
    says(page, saved)
    member.refresh_from_db()
    assert (member.work_from, "6" in member.work_days) == (time(7, 30), True)
    page.get_by_label("First day").fill("2027-05-03")
    page.get_by_label("Last day").fill("2027-05-04")
    page.get_by_label("Note").fill("Sailing")
    page.get_by_role("button", name="Add days off").click()
    says(page, "2 days off added.")
    assert list(DayOff.objects.values_list("day", "note")) == [
        (date(2027, 5, 3), "Sailing"),
        (date(2027, 5, 4), "Sailing"),
    ]
    page.get_by_role("button", name="Remove days off from 3 May 2027").click()
    says(page, "Days off removed.")
    expect(page.get_by_text("No days off.")).to_be_visible()
    assert not DayOff.objects.exists()


def test_somebody_changes_their_profile_and_signs_out(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    page.goto(team.url("settings/profile/"))
    page.get_by_label("Name", exact=True).fill("Robin B. Becker")
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    page.get_by_role("button", name="Discard changes").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Recruiter Acme")
    expect(page.get_by_role("button", name="Save changes")).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("Robin B. Becker")
    page.get_by_label("Time zone", exact=True).fill("lisbon")
    page.get_by_role("option", name="Lisbon").click()
    page.get_by_role("button", name="Save changes").click()
    says(page, "Profile saved.")
    expect(page.get_by_label("Time zone", exact=True)).to_have_value(re.compile(r"Lisbon \(GMT"))
    visitor.check()
    keep_hours_and_days_off(page, team.recruiter, "Profile saved.")
    page.get_by_role("link", name="Change password").click()
    visitor.check()
    page.get_by_label("Current password").fill("demo")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat new password").fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    says(page, "Password changed.")
    user = team.recruiter.user
    user.refresh_from_db()
    assert (user.name, user.check_password(PASSWORD)) == ("Robin B. Becker", True)
    assert user.time_zone == "Europe/Lisbon"
    visitor.check()
    sign_out(page)
    sign_in(page, user.email, PASSWORD)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_somebody_changes_their_address(visitor: Visitor, team: Team) -> None:
    page, user = visitor.page, team.recruiter.user
    page.goto(team.url("settings/profile/"))
    page.get_by_role("link", name="Change address").click()
    page.get_by_label("Password").fill("no")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This is not your password. Enter it again.")).to_be_visible()
    visitor.check()
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("New e-mail address").fill("robin@acme.example")
    visitor.check()
    page.get_by_role("button", name="Send link").click()
    says(page, "Open the link in the e-mail to robin@acme.example.")
    page.get_by_role("button", name="Keep this address").click()
    says(page, "Your address stays as it is.")

    page.get_by_role("link", name="Change address").click()
    page.get_by_label("New e-mail address").fill("robin@acme.example")
    page.get_by_role("button", name="Send link").click()
    expect(page.get_by_text("Waiting for robin@acme.example.")).to_be_visible()
    visitor.check()
    address_change.mail(user.pk)
    link = re.search(r"/account/address/\S+", str(mail.outbox[0].body))
    assert link is not None
    page.goto(link[0])
    visitor.check()
    page.get_by_role("button", name="Change address").click()
    says(page, "Your address is now robin@acme.example.")
    page.goto(link[0])
    expect(page.get_by_role("heading", name="This link is no longer valid")).to_be_visible()
    page.goto(team.url("settings/profile/"))
    sign_out(page)
    sign_in(page, "robin@acme.example")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    visitor.complaints = [each for each in visitor.complaints if "status of 404" not in each]


def test_somebody_without_an_organization_signs_out_and_joins_later(
    visitor: Visitor, team: Team, other_team: Team
) -> None:
    """Invited elsewhere, they open the link in a window in which somebody else is signed in: it is not theirs."""
    page = visitor.page
    Membership.objects.filter(pk=team.recruiter.pk).delete()
    page.goto("/")
    expect(page.get_by_role("heading", name="You have no organization yet")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    invitation = invitations.invite(
        organization=other_team.organization,
        email=team.recruiter.user.email,
        role="recruiter",
        actor=other_team.admin.user,
    )
    address = f"/invitations/{invitations.link(invitation).split('/invitations/')[1]}"
    sign_in(page, team.admin.user.email)
    page.goto(address)
    expect(page.get_by_role("heading", name="This invitation is for re…@acme.example")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(f"You're signed in as {team.admin.user.email}")
    ask = page.get_by_role("link", name="Ask for an invitation").get_attribute("href") or ""
    assert ask.startswith(f"mailto:{other_team.admin.user.email}?subject=Invitation%20to%20Globex&body=Please")
    expect(page.get_by_role("button", name="Join Globex")).to_have_count(0)
    visitor.check()
    page.get_by_role("button", name="Sign out and open it again").click()
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, team.recruiter.user.email)
    page.get_by_role("button", name="Use another account").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(address)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, team.recruiter.user.email)
    visitor.check()
    page.get_by_role("button", name="Join Globex").click()
    says(page, "Welcome to Globex.")
    assert Membership.objects.filter(organization=other_team.organization, user=team.recruiter.user).exists()


def sign_in(page: Page, email: str, password: str = "demo") -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)


def test_an_admin_without_a_mail_server_hands_a_link_over(
    admin_visitor: Visitor, visitor: Visitor, team: Team, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    page = admin_visitor.page
    page.goto(team.url("settings/members/"))
    page.get_by_label("E-mail").fill("nia@new.example")
    page.get_by_role("button", name="Invite", exact=True).click()
    says(page, "No mail server is set up")
    page.get_by_role("button", name="Show link for nia@new.example").click()
    page.get_by_role("button", name="Copy link for nia@new.example").click()
    link = page.evaluate("navigator.clipboard.readText()")
    expect(page.get_by_role("main")).to_contain_text("It doesn't prove whose address this is.")
    admin_visitor.check()

    visitor.context.clear_cookies()
    visitor.page.goto(f"/invitations/{link.split('/invitations/')[1]}")
    expect(visitor.page.get_by_role("link", name="Already have an account? Sign in")).to_be_visible()
    visitor.check()
    visitor.page.get_by_label("Your name").fill("Nia New")
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Join Acme").click()
    says(visitor.page, "Welcome to Acme.")
    page.reload()
    expect(page.get_by_role("row").filter(has_text="Nia New")).to_contain_text("Address not confirmed")
    admin_visitor.check()
