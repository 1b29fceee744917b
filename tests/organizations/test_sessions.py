"""A session that has ended, and a form whose token does not fit any more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from config.supervisor.processes import ROOT
from tests.conftest import Team

pytestmark = pytest.mark.django_db

AGAIN = "/sign-in/again/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def strict() -> Client:
    """A browser whose forms are checked as real ones are."""
    return Client(enforce_csrf_checks=True)


def test_a_page_leads_to_the_sign_in_page_and_back(client: Client, team: Team) -> None:
    response = client.get(team.url("candidates/?q=ann"))
    assert response["Location"] == f"/sign-in/?next={team.url('candidates/')}%3Fq%3Dann"


def test_a_part_of_a_page_is_refused_instead_of_drawing_the_sign_in_page_into_it(client: Client, team: Team) -> None:
    for response in (
        client.get(team.url("jobs/new/"), headers=HTMX),
        client.post(team.url("jobs/new/"), {"title": "Cook"}, headers=HTMX),
    ):
        assert (response.status_code, response.content) == (401, b"")


def test_the_dialog_signs_the_pages_user_in_and_gives_a_token_that_fits(strict: Client, team: Team) -> None:
    user = team.recruiter.user
    dialog = strict.get(f"{AGAIN}?user={user.pk}", headers=HTMX)
    assert dialog.status_code == 401
    assert "Everything you typed is still here" in dialog.content.decode()
    sent = {"login": user.email, "csrfmiddlewaretoken": strict.cookies["csrftoken"].value}
    wrong = strict.post(AGAIN, sent | {"password": "no"})
    assert wrong.status_code == 422
    assert "Wrong e-mail address or password" in wrong.content.decode()
    signed_in = strict.post(AGAIN, sent | {"password": "demo"})
    assert signed_in.status_code == 204
    job = {"title": "Cook", "csrfmiddlewaretoken": signed_in["X-CSRFToken"]}
    assert strict.post(team.url("jobs/new/"), job).status_code == 302
    assert "known_browser" in strict.cookies


def test_who_is_signed_in_only_gets_a_new_token(strict: Client, team: Team) -> None:
    strict.force_login(team.recruiter.user)
    answer = strict.get(f"{AGAIN}?user={team.recruiter.user.pk}", headers=HTMX)
    assert (answer.status_code, answer.content) == (204, b"")
    job = {"title": "Cook", "csrfmiddlewaretoken": answer["X-CSRFToken"]}
    assert strict.post(team.url("jobs/new/"), job).status_code == 302


@pytest.mark.parametrize("user", ["", "?user=", "?user=²", "?user=0"])
def test_somebody_else_who_signed_in_meanwhile_is_not_taken_for_the_pages_user(user: str, as_admin: Client) -> None:
    assert as_admin.get(f"{AGAIN}{user}", headers=HTMX).status_code == 401


@pytest.mark.parametrize(
    ("referer", "link"),
    [
        ("http://testserver/o/acme/candidates/?q=ann", "/sign-in/?next=%2Fo%2Facme%2Fcandidates%2F%3Fq%3Dann"),
        ("http://elsewhere.example/o/acme/", "/sign-in/"),
        ("http://testserver//elsewhere.example/", "/sign-in/"),
        ("http://[broken", "/sign-in/"),
        ("", "/sign-in/"),
    ],
)
def test_another_account_signs_in_on_the_page_of_its_own_and_comes_back(
    referer: str, link: str, client: Client
) -> None:
    dialog = client.get(f"{AGAIN}?user=1", headers=HTMX | {"Referer": referer}).content.decode()
    assert f'<a href="{link}">' in dialog


def test_a_form_without_its_token_is_told_what_to_do(strict: Client, team: Team) -> None:
    response = strict.post("/sign-in/", {"login": "a@b.example", "password": "x"})
    page = response.content.decode()
    assert response.status_code == 403
    assert "Nothing was saved" in page
    assert "Reload the page and try again." in page
    assert "allow cookies for testserver" in page
    assert ">Reload page<" not in page


def test_a_member_is_led_back_to_the_page_that_the_form_stood_on(strict: Client, team: Team) -> None:
    strict.force_login(team.admin.user)
    members = team.url("settings/members/")
    headers = {"Referer": f"http://testserver{members}?q=ann"}
    page = strict.post(team.url("settings/members/invite/"), {}, headers=headers).content.decode()
    assert f'href="{members}?q=ann"' in page


def test_a_refused_part_of_a_page_is_marked_and_fits_into_a_dialog(strict: Client, team: Team) -> None:
    strict.force_login(team.admin.user)
    response = strict.post(team.url("jobs/new/"), {"title": "Cook"}, headers=HTMX)
    assert (response.status_code, response["X-CSRF-Refused"]) == (403, "1")
    assert "Nothing was saved" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_the_refusal_of_a_role_has_no_mark(as_interviewer: Client, team: Team) -> None:
    response = as_interviewer.get(team.url("jobs/new/"), headers=HTMX)
    assert response.status_code == 403
    assert "X-CSRF-Refused" not in response


@pytest.mark.parametrize(
    ("base_url", "sentence"),
    [
        ("http://testserver", "Your browser hides that the form comes from testserver."),
        ("https://panelist.acme.example", "Open https://panelist.acme.example and sign in there."),
    ],
)
def test_a_form_from_another_address_says_which_one_is_right(
    base_url: str, sentence: str, strict: Client, settings: Any
) -> None:
    settings.BASE_URL = base_url
    page = strict.post("/sign-in/", {}, headers={"Origin": "null"}).content.decode()
    assert sentence in page


def test_a_form_sent_by_a_browser_is_taken_with_its_origin(strict: Client, team: Team) -> None:
    strict.get("/sign-in/")
    sent = {"csrfmiddlewaretoken": strict.cookies["csrftoken"].value, "login": "admin@acme.example"}
    answer = strict.post("/sign-in/", sent | {"password": "demo"}, headers={"Origin": "http://testserver"})
    assert answer.status_code == 302


def test_signing_out_by_a_link_or_reload_signs_nobody_out(as_admin: Client, team: Team) -> None:
    assert as_admin.get("/sign-out/")["Location"] == "/"
    assert as_admin.get(team.url("home/")).status_code == 200


def test_signing_in_leads_from_what_was_sent_to_its_page(client: Client, team: Team) -> None:
    """Without scripts what was sent is gone, but not the way: no address is reached that knows no GET."""
    asked = client.post(team.url("settings/members/invite/"), {"email": "nia@new.example", "role": "admin"})
    sent = {"login": team.admin.user.email, "password": "demo", "next": f"{team.url('settings/members/invite/')}"}
    assert asked["Location"] == f"/sign-in/?next={sent['next']}"
    page = client.post("/sign-in/", sent, follow=True)
    assert page.redirect_chain[-1][0] == team.url("settings/members/")
    assert page.status_code == 200


def test_no_page_with_a_form_hides_where_it_comes_from() -> None:
    """With "no-referrer" browsers send "Origin: null" along with a form, and it is refused."""
    silent = [path for path in (ROOT / "templates").rglob("*.html") if "no-referrer" in path.read_text()]
    assert [path.name for path in silent] == ["join.html"]
    assert not any(word in path.read_text() for path in silent for word in ('method="post"', "hx-post"))
