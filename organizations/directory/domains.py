"""Domains of an organization: which addresses it may vouch for.

A domain is proven by a TXT record, which only whoever runs the domain can set. It is looked up by a worker. Once
proven, a domain stays so until it is removed: a record that goes missing must not lock a company out.
"""

from __future__ import annotations

import secrets

import dns.exception
import dns.resolver
import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.audit import record
from organizations.enqueue import after_commit
from organizations.models import Domain, Organization, User

log = structlog.get_logger(__name__)

#: Below the domain, so that no other record is in the way.
RECORD = "_panelist"
VALUE = "panelist-domain="
#: Seconds for all tries together.
LOOKUP_SECONDS = 10
#: More would be a way to have the server look names up.
MOST = 50
#: Sentences for the codes in `Domain.problem`.
PROBLEMS = {
    "missing": _("The record isn't there yet. New records can take an hour. Check again later."),
    "other": _("The record has another value. Copy it from here."),
    "no_answer": _("The domain's servers don't answer. Check again later."),
}


class TooMany(Exception):
    """The organization has `MOST` domains."""


def is_proven(organization: Organization, email: str) -> bool:
    """Whether the domain of an address is proven to be this organization's. Subdomains are domains of their own."""
    domain = email.rpartition("@")[2].lower()
    return Domain.objects.filter(organization=organization, name=domain, proven_at__isnull=False).exists()


def record_name(domain: Domain) -> str:
    return f"{RECORD}.{domain.name}"


def record_value(domain: Domain) -> str:
    return f"{VALUE}{domain.token}"


@transaction.atomic
def add(*, organization: Organization, name: str, actor: User) -> Domain:
    """Add a domain, which is still to be proven. Raises TooMany."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    if Domain.objects.filter(organization=organization).count() >= MOST:
        raise TooMany
    row = Domain.objects.create(organization=organization, name=name, token=secrets.token_urlsafe(24))
    record(organization=organization, actor=actor, action="domain.added", subject=row, detail={"domain": name})
    return row


@transaction.atomic
def remove(*, domain: Domain, actor: User) -> None:
    """Remove a domain: its people stay members, and nobody new is enrolled by it."""
    record(
        organization=domain.organization,
        actor=actor,
        action="domain.removed",
        subject=domain,
        detail={"domain": domain.name},
    )
    domain.delete()


def ask_for_check(domain: Domain) -> None:
    """Have a worker look the record up."""
    Domain.objects.filter(pk=domain.pk).update(check_asked_at=timezone.now())
    after_commit("organizations.check_domain", domain.pk)


def check(domain_id: int) -> None:
    """Look the record up, and note what was found."""
    domain = Domain.objects.select_related("organization").filter(pk=domain_id).first()
    if domain is None:
        return
    problem = _problem(domain)
    with transaction.atomic():
        Domain.objects.filter(pk=domain_id).update(checked_at=timezone.now(), problem=problem)
        proven = not problem and Domain.objects.filter(pk=domain_id, proven_at__isnull=True).update(
            proven_at=timezone.now()
        )
        if proven:
            record(
                organization=domain.organization,
                actor=None,
                action="domain.proven",
                subject=domain,
                detail={"domain": domain.name},
            )


def _problem(domain: Domain) -> str:
    resolver = dns.resolver.Resolver(configure=not settings.DNS_SERVER)
    if settings.DNS_SERVER:
        address, resolver.port = settings.DNS_SERVER
        resolver.nameservers = [address]
    resolver.cache = None
    try:
        answer = resolver.resolve(f"{record_name(domain)}.", "TXT", lifetime=LOOKUP_SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return "missing"
    except (dns.exception.DNSException, OSError) as error:
        log.warning("domain_not_checked", domain=domain.pk, error=type(error).__name__)
        return "no_answer"
    found = [b"".join(row.strings).decode(errors="replace").strip() for row in answer]
    if any(secrets.compare_digest(text.encode(), record_value(domain).encode()) for text in found):
        return ""
    return "other"
