"""An installation whose BASE_URL starts with https://, and the headers of all answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core import signing
from django.test import Client
from pytest_django import Settings

from tests.config.running import ROOT, environment
from tests.config.test_environment import KEY
from tests.conftest import Team

NAMES = [
    *["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY"],
    *["SECURE_SSL_REDIRECT", "SECURE_REDIRECT_EXEMPT", "SECURE_PROXY_SSL_HEADER", "BEHIND_PROXY"],
    *["SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"],
]
BY_HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}


def settings_of(folder: Path, **values: str) -> subprocess.CompletedProcess[str]:
    """The settings that an installation with this environment has, as JSON."""
    values = {"DATA_DIR": str(folder), "SECRET_KEY": "a-secret-that-is-long", "FERNET_KEYS": KEY, **values}
    code = f"import json, config.settings as s; print(json.dumps({{n: getattr(s, n, None) for n in {NAMES}}}))"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(**values), capture_output=True, text=True
    )


@pytest.fixture
def https(settings: Settings, tmp_path: Path) -> Iterator[None]:
    found = settings_of(tmp_path, BASE_URL="https://panelist.example.com", HSTS_SUBDOMAINS="true")
    for name, value in json.loads(found.stdout).items():
        setattr(settings, name, tuple(value) if name == "SECURE_PROXY_SSL_HEADER" else value)
    yield


@pytest.mark.usefixtures("https")
def test_cookies_belong_to_this_host_alone_and_scripts_read_none(team: Team) -> None:
    client = Client(headers=BY_HTTPS)
    page = client.get("/sign-in/")
    assert page.status_code == 200
    assert page["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    client.post("/sign-in/", {"login": team.admin.user.email, "password": "demo"})
    for name in ("__Host-csrf", "__Host-session"):
        cookie = client.cookies[name]
        assert cookie["secure"] and cookie["httponly"] and cookie["path"] == "/" and not cookie["domain"]


@pytest.mark.usefixtures("https")
def test_plain_http_leads_to_https(db: None) -> None:
    plain = Client(headers={"X-Forwarded-Proto": "http"})
    answer = plain.get("/sign-in/?next=/home/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/sign-in/?next=/home/")
    assert plain.get("/healthz").status_code == 200
    assert Client().get("/healthz").status_code == 200
    assert Client(headers=BY_HTTPS).get("/sign-in/").status_code == 200


@pytest.mark.usefixtures("https")
def test_a_proxy_that_does_not_say_how_somebody_came_is_named_and_not_asked_in_circles(db: None) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)("/sign-in/")
        assert answer.status_code == 400
        assert "the proxy has to set the header X-Forwarded-Proto" in answer.content.decode()


def test_a_session_of_the_old_name_goes_on_under_the_new_one(team: Team, request: pytest.FixtureRequest) -> None:
    before = Client()
    before.force_login(team.admin.user)
    key = before.cookies["sessionid"].value
    request.getfixturevalue("https")
    after = Client(headers=BY_HTTPS)
    after.cookies["sessionid"] = key
    home = f"/o/{team.organization.slug}/home/"
    assert after.get(home).status_code == 200
    assert after.cookies["__Host-session"].value == key and after.cookies["sessionid"].value == ""
    assert after.get(home).status_code == 200
    # A cookie that another host of the domain could have set counts for nothing beside the new one.
    other = Client()
    other.force_login(team.recruiter.user)
    after.cookies["sessionid"] = other.session.session_key or ""
    assert after.get(home).wsgi_request.user == team.admin.user
    unknown = Client(headers=BY_HTTPS)
    unknown.cookies["sessionid"] = "chosen-by-somebody-else"
    assert unknown.get(home).status_code == 302
    assert "__Host-session" not in unknown.cookies


def test_the_cookie_of_a_known_browser_belongs_to_this_host_and_is_known_by_its_old_name(
    team: Team, request: pytest.FixtureRequest
) -> None:
    fields = {"login": team.admin.user.email, "password": "demo"}
    before = Client()
    before.post("/sign-in/", fields)
    old = before.cookies["known_browser"].value
    request.getfixturevalue("https")
    after = Client(headers=BY_HTTPS)
    after.cookies["known_browser"] = old
    after.post("/sign-in/", fields)
    cookie = after.cookies["__Host-known_browser"]
    assert cookie["secure"] and cookie["httponly"] and cookie["path"] == "/" and not cookie["domain"]
    assert signing.loads(cookie.value, salt="organizations.throttle") == signing.loads(
        old, salt="organizations.throttle"
    )
    assert after.cookies["known_browser"].value == ""


def test_browsers_lists_take_whole_domains_only(tmp_path: Path) -> None:
    refused = settings_of(tmp_path, BASE_URL="https://panelist.example.com", HSTS_PRELOAD="true")
    assert "HSTS_PRELOAD needs HSTS_SUBDOMAINS=true" in refused.stderr


def test_without_https_nothing_is_redirected(tmp_path: Path) -> None:
    found = json.loads(settings_of(tmp_path, BASE_URL="http://10.1.2.3:8000").stdout)
    assert found["SECURE_SSL_REDIRECT"] is False and found["SESSION_COOKIE_NAME"] is None
    assert found["CSRF_COOKIE_HTTPONLY"] is True


@pytest.mark.parametrize("path", ["/sign-in/", "/healthz", "/no-such-page/", "/admin/login/"])
def test_every_answer_has_the_headers(path: str, db: None) -> None:
    headers = Client().get(path).headers
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"] and "clipboard-write=(self)" in headers["Permissions-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_signing_out_empties_the_cache_but_not_the_storage(team: Team) -> None:
    client = Client()
    client.force_login(team.admin.user)
    assert "Clear-Site-Data" not in client.get(f"/o/{team.organization.slug}/home/").headers
    assert client.post("/sign-out/").headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.post("/sign-out/").headers


def test_security_txt_says_where_to_report(settings: Settings, db: None) -> None:
    assert Client().get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.com"
    answer = Client().get("/.well-known/security.txt")
    assert answer["Content-Type"].startswith("text/plain")
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert lines["Contact"] == "mailto:security@example.com"
    assert lines["Canonical"] == f"{configured.BASE_URL}/.well-known/security.txt"
    assert lines["Expires"].endswith("T00:00:00Z")
