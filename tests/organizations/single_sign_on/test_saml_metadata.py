"""Set up a SAML provider: by the address of its metadata or by pasting it, and what is wrong with either is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from organizations import tasks
from organizations.models import AuditEvent, IdentityProvider
from organizations.single_sign_on import configuration
from tests.conftest import Team
from tests.organizations.directory.client import prove
from tests.organizations.single_sign_on.saml_provider import (
    ISSUER,
    SamlProvider,
    SamlServer,
    metadata,
    pair,
    provider,
    saml_server,
)

__all__ = ["provider", "saml_server"]
pytestmark = pytest.mark.django_db
WEB = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


def save(team: Team, browser: Client, **fields: str) -> str:
    """The page after the form was sent."""
    values = {"metadata_address": "", "pasted": "", "groups_claim": "groups", "adds_members": "on"} | fields
    response = browser.post(team.url("settings/single-sign-on/saml/"), values, follow=True)
    assert response.status_code == 200
    return response.content.decode().replace("&#x27;", "'")


def test_pasted_metadata_is_ready_at_once(team: Team, as_admin: Client) -> None:
    assert "Provider saved." in save(team, as_admin, pasted=metadata(pair()[1], pair("second")[1]))
    row = IdentityProvider.objects.get()
    assert (row.issuer, row.is_saml, row.is_ready, len(row.keys)) == (ISSUER, True, True, 2)
    assert AuditEvent.objects.get(action="single_sign_on.saved").detail["issuer"] == ISSUER
    configuration.check(row.pk)
    row.refresh_from_db()
    assert row.problem == "" and row.is_ready


def test_what_was_pasted_stays_while_other_fields_change(team: Team, as_admin: Client) -> None:
    save(team, as_admin, pasted=metadata())
    assert "Provider saved." in save(team, as_admin, groups_claim="teams")
    row = IdentityProvider.objects.get()
    assert (row.issuer, row.groups_claim, row.is_ready) == (ISSUER, "teams", True)
    assert "Metadata is stored." in as_admin.get(team.url("settings/single-sign-on/")).content.decode()


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("<x/>", "no metadata"),
        ("no xml", "no metadata"),
        (metadata(prolog='<!DOCTYPE x [<!ENTITY a "b">]>'), "no metadata"),
        (metadata(issuer=""), "no metadata"),
        (metadata(issuer="x" * 501), "no metadata"),
        (metadata(sign_on="http://internal.example/"), "can't be used"),
        (metadata(sign_on="javascript:alert(1)"), "can't be used"),
        (metadata("AAAA"), "no certificate"),
        (metadata(pair("over", until=timedelta(days=-1))[1]), "has expired"),
        (metadata(attributes='WantAuthnRequestsSigned="true"'), "wants signed requests"),
        (metadata().replace("HTTP-Redirect", "SOAP"), "HTTP-Redirect"),
    ],
)
def test_metadata_that_is_of_no_use_is_said(pasted: str, said: str, team: Team, as_admin: Client) -> None:
    assert said in save(team, as_admin, pasted=pasted)
    assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Enter the address of the metadata, or paste it below."),
        ({"metadata_address": "https://login.corp.example/m", "pasted": metadata()}, "not both"),
        ({"metadata_address": "http://login.corp.example/m"}, "begins with https://"),
    ],
)
def test_one_of_the_two_is_needed(fields: dict[str, str], said: str, team: Team, as_admin: Client) -> None:
    assert said in save(team, as_admin, **fields)
    assert not IdentityProvider.objects.exists()


def test_another_protocol_is_another_provider(team: Team, as_admin: Client) -> None:
    """Nothing of the former stays: neither its secret nor whom it has let in."""
    row = IdentityProvider.objects.create(
        organization=team.organization,
        issuer=ISSUER,
        client_id="panelist",
        client_secret="secret",
        document={"x": 1},
        keys=[{"kty": "RSA"}],
        is_required=True,
    )
    row.exempt.set([team.admin])
    save(team, as_admin, pasted=metadata())
    row = IdentityProvider.objects.get()
    assert (row.client_secret, row.client_id, row.is_required) == ("", "", False)
    assert [set(key) for key in row.keys] == [{"certificate", "until"}]
    fields = {"issuer": "https://login.other.example", "client_id": "p", "client_secret": "s", "groups_claim": ""}
    as_admin.post(team.url("settings/single-sign-on/provider/"), fields)
    row.refresh_from_db()
    assert (row.protocol, row.document, row.keys, row.metadata_address) == ("oidc", {}, [], "")


class TestByAddress:
    pytestmark = [pytest.mark.django_db(transaction=True), *WEB]

    @pytest.fixture(autouse=True)
    def inside(self, settings: Any) -> None:
        settings.ALLOW_INTERNAL_PROVIDERS = True

    def check(self, team: Team, browser: Client, address: str) -> IdentityProvider:
        save(team, browser, metadata_address=address)
        tasks.check_identity_providers()
        return IdentityProvider.objects.get()

    def test_a_worker_reads_it(self, team: Team, as_admin: Client, saml_server: SamlServer) -> None:
        row = self.check(team, as_admin, f"{saml_server.address}/metadata")
        assert (row.issuer, row.problem, row.is_ready) == (saml_server.address, "", True)

    def test_a_new_certificate_is_read_beside_the_old_one(
        self, team: Team, as_admin: Client, saml_server: SamlServer
    ) -> None:
        self.check(team, as_admin, f"{saml_server.address}/metadata")
        saml_server.metadata = metadata(pair()[1], pair("second")[1], issuer=saml_server.address)
        tasks.check_identity_providers()
        assert [key["certificate"] for key in IdentityProvider.objects.get().keys] == [pair()[1], pair("second")[1]]

    def test_another_entity_at_the_same_address_is_not_taken(
        self, team: Team, as_admin: Client, saml_server: SamlServer
    ) -> None:
        before = self.check(team, as_admin, f"{saml_server.address}/metadata")
        saml_server.metadata = metadata(pair("second")[1], issuer="https://evil.example")
        tasks.check_identity_providers()
        row = IdentityProvider.objects.get()
        assert (row.problem, row.issuer, row.keys) == ("other_issuer", before.issuer, before.keys)

    def test_an_address_without_an_answer_is_said(self, team: Team, as_admin: Client) -> None:
        row = self.check(team, as_admin, "http://127.0.0.1:9/metadata")
        assert row.problem == "no_answer" and not row.is_ready
        assert "doesn&#x27;t answer" in as_admin.get(team.url("settings/single-sign-on/")).content.decode()

    def test_a_signature_by_an_unknown_key_has_the_metadata_read_again(
        self, team: Team, as_admin: Client, saml_server: SamlServer
    ) -> None:
        row = self.check(team, as_admin, f"{saml_server.address}/metadata")
        IdentityProvider.objects.update(check_asked_at=timezone.now() - timedelta(minutes=2))
        prove(team, "corp.example")
        there = SamlProvider(team, row, *pair("second"))
        assert there.sign_in(Client()).status_code == 403
        since = timezone.now() - timedelta(minutes=1)
        assert IdentityProvider.objects.filter(check_asked_at__gt=since).exists()


def test_each_of_two_certificates_signs_people_in(team: Team, as_admin: Client) -> None:
    save(team, as_admin, pasted=metadata(pair()[1], pair("second")[1]))
    prove(team, "corp.example")
    for name in ("first", "second"):
        there = SamlProvider(team, IdentityProvider.objects.get(), *pair(name))
        assert there.sign_in(Client()).status_code == 302
    over = pair("over", until=timedelta(days=-1))
    IdentityProvider.objects.update(keys=[{"certificate": over[1], "until": "2020-01-01T00:00:00+00:00"}])
    there = SamlProvider(team, IdentityProvider.objects.get(), *over)
    assert there.sign_in(Client()).status_code == 403
    configuration.check(IdentityProvider.objects.get().pk)
    assert IdentityProvider.objects.get().problem == "certificate_over"


def test_a_member_who_is_no_admin_sets_up_nothing(team: Team, as_recruiter: Client) -> None:
    response = as_recruiter.post(team.url("settings/single-sign-on/saml/"), {"pasted": metadata()})
    assert response.status_code == 403 and not IdentityProvider.objects.exists()
