"""Domains are proven by a record that a real DNS server answers with."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from django.test import Client

from organizations.directory import domains
from organizations.models import AuditEvent, Domain
from tests.conftest import Team

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


class Records:
    """A DNS server on this machine with TXT records by name; without an entry the name is not there."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                data, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(data)
            answer, name = dns.message.make_response(query), query.question[0].name
            texts = self.texts.get(name.to_text().rstrip("."))
            if texts is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            else:
                answer.flags |= dns.flags.AA
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *(f'"{text}"' for text in texts)))
            self.socket.sendto(answer.to_wire(), sender)


@pytest.fixture
def records(settings: Any) -> Iterator[Records]:
    server = Records()
    settings.DNS_SERVER = ("127.0.0.1", server.port)
    yield server
    server.socket.close()


@pytest.fixture
def domain(team: Team) -> Domain:
    return domains.add(organization=team.organization, name="corp.example", actor=team.admin.user)


def checked(domain: Domain) -> Domain:
    domains.check(domain.pk)
    domain.refresh_from_db()
    return domain


def test_the_right_record_proves_a_domain(domain: Domain, team: Team, records: Records) -> None:
    assert not domains.is_proven(team.organization, "ann@corp.example")
    records.texts["_panelist.corp.example"] = ["v=spf1 -all", domains.record_value(domain)]
    assert checked(domain).proven_at is not None
    assert domains.is_proven(team.organization, "Ann@Corp.example")
    assert not domains.is_proven(team.organization, "ann@sub.corp.example")
    assert AuditEvent.objects.filter(action="domain.proven").count() == 1


@pytest.mark.parametrize(
    ("texts", "problem"), [(None, "missing"), (["something else"], "other"), (["panelist-domain="], "other")]
)
def test_no_record_or_another_proves_nothing(
    texts: list[str] | None, problem: str, domain: Domain, records: Records
) -> None:
    if texts is not None:
        records.texts["_panelist.corp.example"] = texts
    assert (checked(domain).proven_at, checked(domain).problem) == (None, problem)


def test_the_record_of_another_organization_proves_nothing(domain: Domain, other_team: Team, records: Records) -> None:
    theirs = domains.add(organization=other_team.organization, name="corp.example", actor=other_team.admin.user)
    records.texts["_panelist.corp.example"] = [domains.record_value(domain)]
    assert checked(theirs).problem == "other"
    assert not domains.is_proven(other_team.organization, "ann@corp.example")


def test_a_server_that_is_away_leaves_what_was_proven(domain: Domain, records: Records, settings: Any) -> None:
    records.texts["_panelist.corp.example"] = [domains.record_value(domain)]
    proven = checked(domain).proven_at
    records.texts.clear()
    assert (checked(domain).proven_at, domain.problem) == (proven, "missing")


@pytest.mark.parametrize(
    "name",
    ["", "corp", "corp example", "-corp.example", "a@corp.example", "corp..example", "x" * 64 + ".example", "\u0000"],
)
def test_a_name_that_is_no_domain_is_refused(name: str, team: Team, as_admin: Client) -> None:
    response = as_admin.post(team.url("settings/single-sign-on/domains/add/"), {"name": name})
    assert response.status_code == 200 and not Domain.objects.exists()


def test_a_domain_is_stored_in_one_spelling_once(team: Team, as_admin: Client) -> None:
    for name in ("Straße.Example", "xn--strae-oqa.example"):
        as_admin.post(team.url("settings/single-sign-on/domains/add/"), {"name": name})
    assert list(Domain.objects.values_list("name", flat=True)) == ["xn--strae-oqa.example"]
