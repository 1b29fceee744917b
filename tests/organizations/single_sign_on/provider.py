"""A real provider in the test process, django-allauth's own, whose claims a test can bend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client as RelyingParty
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from organizations.models import IdentityProvider, User
from organizations.single_sign_on import configuration
from organizations.single_sign_on.views import redirect_address
from tests.conftest import Team

SECRET = "a-secret-of-the-client"


KEY: list[str] = []


def first_key() -> str:
    """One key for all tests: making one takes a while."""

    if not KEY:
        KEY.append(new_key())
    return KEY[0]


def new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


class Bent(DefaultOIDCAdapter):  # type: ignore[misc]
    """The provider's person, and what a test has changed in what the provider says."""

    person: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    metadata: dict[str, Any] = {}

    def get_claims(self, purpose: str, user: User, client: RelyingParty, scopes: Any, **kwargs: Any) -> dict[str, Any]:
        return dict(self.person)

    def populate_id_token(self, id_token: dict[str, Any], client: RelyingParty, scopes: Any, **kwargs: Any) -> None:
        for name, value in (self.person | self.changes).items():
            if value is None:
                id_token.pop(name, None)
            else:
                id_token[name] = value

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        data.update(self.metadata)


class Provider:
    """The provider, its one client, and a person who is signed in there."""

    def __init__(self, team: Team, address: str) -> None:
        self.team, self.address = team, address
        self.client = RelyingParty.objects.create(
            id="panelist",
            scopes="openid\nprofile\nemail",
            redirect_uris=redirect_address(team.organization),
            skip_consent=True,
        )
        self.client.set_secret(SECRET)
        self.client.save()
        self.row = IdentityProvider.objects.create(
            organization=team.organization, issuer=address, client_id="panelist", client_secret=SECRET
        )
        configuration.check(self.row.pk)
        self.row.refresh_from_db()
        self.at_provider = Client(SERVER_NAME=urlsplit(address).hostname, SERVER_PORT=str(urlsplit(address).port))
        self.at_provider.force_login(User.objects.create_user("somebody@provider.example", "demo", name="Somebody"))

    def begin(self, browser: Client, page: str = "") -> str:
        """The address at the provider that a browser is led to."""
        address = reverse("single-sign-on-begin", kwargs={"organization": self.team.slug})
        response = browser.get(address, {"next": page} if page else {})
        assert response.status_code == 302
        return str(response["Location"])

    def answer(self, there: str) -> str:
        """The provider's answer to its person's browser: the address of Panelist, with a code."""
        response = self.at_provider.get(there)
        if response.status_code == 200:
            form = response.context["form"]
            fields = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
            response = self.at_provider.post(there, fields | {"action": "grant"})
        assert response.status_code == 302, response.content
        return str(response["Location"])

    def sign_in(self, browser: Client, page: str = "") -> Any:
        """The way there and back: Panelist's answer."""
        back = self.answer(self.begin(browser, page))
        parts = urlsplit(back)
        return browser.get(f"{parts.path}?{parts.query}")


def parameters_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@contextmanager
def bent(**changes: Any) -> Iterator[None]:
    """Change claims of the signed token; None takes one out."""
    Bent.changes = changes
    try:
        yield
    finally:
        Bent.changes = {}


@pytest.fixture
def provider(team: Team, live_server: LiveServer, settings: Any) -> Iterator[Provider]:
    settings.ROOT_URLCONF = "tests.organizations.single_sign_on.addresses"
    settings.ALLOW_INTERNAL_PROVIDERS = True
    settings.IDP_OIDC_ADAPTER = "tests.organizations.single_sign_on.provider.Bent"
    settings.IDP_OIDC_PRIVATE_KEY = first_key()
    Bent.person = {"sub": "subject-1", "email": "ann@corp.example", "email_verified": True, "name": "Ann Ito"}
    Bent.changes, Bent.metadata = {}, {}
    yield Provider(team, live_server.url)
