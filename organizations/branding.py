"""How an organization looks: its logo and its accent colour, for pages and mails (`mail_logos.py`)."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.urls import reverse

from organizations import accents
from organizations.accents import Accent
from organizations.models import Logo, Organization


def accent_of(organization: Organization) -> Accent:
    """The organization's accent in readable shades; the product's own where none is chosen."""
    return accents.accent(organization.accent)


def logo_path(organization: Organization) -> str:
    """Address of the organization's logo on this server, "" without one. Nobody can guess it; each logo has its own."""
    return reverse("logo", kwargs={"token": organization.logo_token}) if organization.logo_token else ""


@transaction.atomic
def save_logo(organization: Organization, picture: bytes) -> None:
    """Make a picture that `logo_images.read` returned the organization's logo, under a new address."""
    Logo.objects.update_or_create(organization=organization, defaults={"picture": picture})
    _set_token(organization, secrets.token_urlsafe(16))


@transaction.atomic
def remove_logo(organization: Organization) -> None:
    """Delete the organization's logo; its address is a 404 from then on."""
    Logo.objects.filter(organization=organization).delete()
    _set_token(organization, "")


def _set_token(organization: Organization, token: str) -> None:
    organization.logo_token = token
    organization.save(update_fields=["logo_token"])
