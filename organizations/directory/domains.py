"""Domains of an organization: which addresses it may vouch for."""

from __future__ import annotations

from organizations.models import Domain, Organization


def is_proven(organization: Organization, email: str) -> bool:
    """Whether the domain of an address is proven to be this organization's. Subdomains are domains of their own."""
    domain = email.rpartition("@")[2].lower()
    return Domain.objects.filter(organization=organization, name=domain, proven_at__isnull=False).exists()
