"""Keep an organization closed to sessions that did not begin with its provider, where it asks for that."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from organizations.models import IdentityProvider, Membership, Organization, User

#: In a session's data: the organization by whose provider the user signed in.
SESSION_KEY = "single_sign_on"


def mark(request: HttpRequest, organization: Organization, user: User) -> None:
    """Note in the session that the organization's provider has identified the user."""
    request.session[SESSION_KEY] = marked(organization.pk, user.pk)


def marked(organization: int, user: int) -> dict[str, int]:
    return {"organization": organization, "user": user}


def is_by_provider(request: HttpRequest, membership: Membership) -> bool:
    """Whether the session began with the provider of the membership's organization."""
    return bool(request.session.get(SESSION_KEY) == marked(membership.organization_id, membership.user_id))


def is_closed(request: HttpRequest, membership: Membership) -> bool:
    """Whether the member has to sign in by the provider before the organization opens."""
    provider = getattr(membership.organization, "identity_provider", None)
    if provider is None or not provider.is_required or is_by_provider(request, membership):
        return False
    return not provider.exempt.filter(pk=membership.pk).exists()


def show_door(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Lead a signed-in member to the provider."""
    provider = getattr(organization, "identity_provider", None)
    page = request.get_full_path() if request.method == "GET" else ""
    context = {
        "brand_of": organization,
        "organization_name": organization.name,
        "address": begin_address(organization, page) if provider is not None and provider.is_ready else "",
    }
    return render(request, "single_sign_on/required.html", context, status=403)


def show_closed(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Say that the organization is being deleted."""
    return render(request, "organizations/closed.html", {"closed": organization}, status=410)


def begin_address(organization: Organization, page: str = "") -> str:
    """The address that leads to the organization's provider, and then to a page of this site."""
    address = reverse("single-sign-on-begin", kwargs={"organization": organization.slug})
    return f"{address}?{urlencode({'next': page})}" if page else address


def refuses_password(user: User) -> Organization | None:
    """The organization whose provider the user has to sign in by; None where a password opens anything."""
    if user.is_staff:
        return None
    mine = Membership.objects.filter(user=user).select_related("organization__identity_provider")
    found = [membership for membership in mine if not membership.organization.is_closed]
    for membership in found:
        provider: IdentityProvider | None = getattr(membership.organization, "identity_provider", None)
        if provider is None or not provider.is_required or provider.exempt.filter(pk=membership.pk).exists():
            return None
    return found[0].organization if found else None
