"""Requests with any values, of visitors and vendors, with odd headers, and in the Django admin."""

from __future__ import annotations

import hmac
import json
import re
from itertools import product

import pytest
from allauth.account.utils import user_pk_to_url_str
from django.contrib import admin
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from integrations.models import Integration
from organizations import invitations
from organizations.models import Invitation, User
from scheduling.coding_links import webhooks
from scheduling.join_links import services as join_link_services
from scheduling.models import JoinLink
from tests.conftest import Team
from tests.everything import Rows
from tests.fuzz.attack import attack, senders
from tests.fuzz.probe import Probe, Share
from tests.fuzz.values import COOKIES, EVENTS, HEADER_VALUES, HEADERS, JSON, PARTS, PAYLOADS, TIMES, VALUES, bodies
from tests.test_addresses import PATTERNS, VISITORS

pytestmark = pytest.mark.django_db

#: Names in forms that only visitors see.
OF_VISITORS = {"login", "password", "password1", "password2"}
LISTS = ["q", "p", "o", "e", "all", "_facets", "organization__id__exact", "state__exact", "is_active__exact"]


def pages(client: Client, team: Team, rows: Rows) -> list[str]:
    """Each address that a visitor may open, with tokens that are valid."""
    user, link, invitation = team.admin.user, rows[JoinLink], rows[Invitation]
    assert isinstance(link, JoinLink)
    assert isinstance(invitation, Invitation)
    token = join_link_services.renew(link=link, actor=None).token
    new_password = [user_pk_to_url_str(user), default_token_generator.make_token(user)]
    form = client.get(reverse("password-new", args=new_password), follow=True).redirect_chain[-1][0]
    return [
        *(reverse(name) for name in VISITORS if "<" not in PATTERNS[name]),
        *(reverse(name, args=[token]) for name in ("join", "join-enter", "join-meet")),
        invitations.link(invitation).removeprefix("http://testserver"),
        form,
    ]


def test_no_visitor_brings_an_error(team: Team, rows: Rows, theirs: Rows, share: Share) -> None:
    client, tried = Client(), set[str]()
    addresses = pages(client, team, rows)
    probe = Probe(client, theirs)
    for target, sent in senders(probe, addresses, "/"):
        tried |= attack(probe, target, sent, theirs, share)
    for address, (content_type, body) in product(addresses, bodies("login")):
        if (address.count("/"), content_type, body) in share:
            probe.ask("POST", address, body=body, content_type=content_type, what=f"{content_type} {body!r:.40}")
    assert not probe.problems, probe.report()
    assert tried > OF_VISITORS


def test_no_token_is_an_error(theirs: Rows) -> None:
    probe = Probe(Client(), theirs)
    for name in ("password-new", "invitation", "join", "join-enter", "join-meet", "webhook"):
        for part, value in product(re.findall("<[^>]*>", PATTERNS[name]), PARTS):
            address = re.sub("<[^>]*>", "codesignal", PATTERNS[name].replace(part, value))
            for method in ("GET", "POST"):
                probe.ask(method, f"/{address}")
    assert not probe.problems, probe.report()


def test_no_header_is_an_error(probe: Probe, team: Team, share: Share) -> None:
    for name, value in product(HEADERS, HEADER_VALUES):
        cookies = "; ".join(f"{cookie}={value}" for cookie in COOKIES)
        for header in (value, cookies) if name == "Cookie" else (value,):
            if (name, header) in share:
                headers = {name: header.encode().decode("latin-1")}
                probe.ask("GET", team.url("home/"), what=f"{name}: {header!r:.60}", headers=headers)
    assert not probe.problems, probe.report()


def test_no_event_of_a_vendor_is_lost(rows: Rows, theirs: Rows, share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor is answered 200 whatever happens, so what is noted as lost is what counts here."""
    integration, lost = rows[Integration], []
    assert isinstance(integration, Integration)
    monkeypatch.setattr(webhooks.log, "warning", lambda event, **more: lost.append(more) if "lost" in event else None)
    probe = Probe(Client(), theirs)
    address = reverse("webhook", args=["codesignal", integration.webhook_token])
    for body in JSON:
        probe.ask("POST", address, body=body, content_type="application/json", what=f"{body!r:.60}")
    for event, at, payload in product(EVENTS, TIMES, PAYLOADS):
        if (event, at, payload) in share:
            text = f"http://testserver{address}{event}{at}"
            key = integration.webhook_secret.encode()
            headers = {"X-CodeSignal-Signature": hmac.new(key, text.encode("utf-8", "replace"), "sha256").hexdigest()}
            body = json.dumps({"event": event, "triggeredOn": at, "payload": payload}).encode()
            probe.ask(
                "POST", address, body=body, content_type="application/json", what=f"{body!r:.90}", headers=headers
            )
    assert not probe.problems, probe.report()
    assert lost == []
    assert probe.wrote > 5


def test_no_list_of_the_admin_is_an_error(theirs: Rows, share: Share) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "demo", name="Root"))
    probe = Probe(client, theirs)
    for model in admin.site._registry:
        there = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        for name, value in product(LISTS, VALUES):
            if (there, name, value) in share:
                probe.ask("GET", reverse(there), query=urlencode({name: value}), what=f"{name}={value!r:.60}")
        for value in PARTS:
            if (there, value) in share:
                probe.ask("GET", f"{reverse(there)}{value}/change/")
    assert not probe.problems, probe.report()
