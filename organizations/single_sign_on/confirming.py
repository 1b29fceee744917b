"""Confirm who it is at the provider: for people whose accounts have no password, before something that matters.

The provider is asked to ask the person anew, and has to say that it did: a session that stands open there is not
enough.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from organizations.models import IdentityProvider, User
from organizations.single_sign_on import entry
from organizations.single_sign_on.claims import LEEWAY, Claims

METHOD = "single_sign_on"


def ways(user: User) -> list[dict[str, str]]:
    """A way to confirm for each provider that knows the user, as django-allauth describes them."""
    return [
        {
            "id": f"{METHOD}:{provider.organization_id}",
            "description": _("Use single sign-on of %(name)s") % {"name": provider.organization.name},
            "url": reverse("single-sign-on-confirm", kwargs={"organization": provider.organization.slug}),
        }
        for provider in entry.providers_of(user)
    ]


def is_recent(request: HttpRequest) -> bool:
    """Whether a provider has confirmed the reader within the time for which that counts."""
    since = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user) if request.user.is_authenticated else []
    return any(one.get("method") == METHOD and one["at"] > since for one in records)


def problem_of(request: HttpRequest, provider: IdentityProvider, attempt: dict[str, Any], claims: Claims) -> str:
    """Note in the session that the provider has confirmed the reader; a sentence where it has not, else ""."""
    user = request.user
    if not isinstance(user, User) or user.pk != attempt["confirms"]:
        return _("You are signed in with another account now. Start again.")
    if not entry.is_person(provider, claims, user):
        return _("This is another account at your provider. Sign in there with your own.")
    if claims.signed_in_at is None or claims.signed_in_at < attempt["at"] - LEEWAY:
        return _("The provider didn't ask who you are. Sign out there, then start again.")
    record_authentication(request, user, METHOD, provider=str(provider.pk))
    return ""
