"""From a provider's word to an account and a membership.

An account is found by issuer and subject, never by its address, once the two were linked. The link is made the first
time, by an address of a domain that the organization has proven; the provider must not call the address unverified.
Whoever may use the Django admin is not let in this way: no organization decides over the whole installation.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from organizations import addresses, members
from organizations.directory import accounts, roles
from organizations.directory.domains import is_proven
from organizations.models import DirectoryUser, IdentityProvider, Membership, Organization, User
from organizations.session_store import SessionStore
from organizations.single_sign_on import gate
from organizations.single_sign_on.claims import Claims
from organizations.text import line

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NO_ADDRESS = _("The provider doesn't tell your e-mail address. Ask an admin of your organization.")
UNVERIFIED = _("The provider hasn't verified your e-mail address. Verify it there, then sign in again.")
OTHER_DOMAIN = _("Your e-mail address isn't of a domain of this organization. Ask an admin of your organization.")
NO_MEMBER = _("You aren't a member of this organization. Ask an admin for an invitation.")
ENDED = _("Your access to this organization has ended. Ask an admin of your organization.")
CLOSED = _("This organization is being deleted. Nobody can open it any more.")
STAFF = _("This account may use the Django admin, so it signs in with its password.")


class NotLetIn(Exception):
    """The person is who they say, and is not let in; `message` says why."""

    def __init__(self, message: StrOrPromise) -> None:
        super().__init__(str(message))
        self.message = message


@transaction.atomic
def enter(provider: IdentityProvider, claims: Claims) -> User:
    """The account of a person whom the provider has identified, a member of its organization. Raises NotLetIn."""
    organization = Organization.objects.select_for_update().get(pk=provider.organization_id)
    if organization.is_closed:
        raise NotLetIn(CLOSED)
    link = SocialAccount.objects.select_related("user").filter(**_identity(provider, claims)).first()
    user = link.user if link is not None else _by_address(provider, organization, claims)
    if user.is_staff:
        raise NotLetIn(STAFF)
    membership = Membership.objects.filter(organization=organization, user=user).first()
    if membership is None:
        membership = _join(provider, organization, user, claims)
    if link is None:
        link = SocialAccount.objects.create(user=user, **_identity(provider, claims))
    _follow_groups(link, membership, claims)
    return user


def end_sessions(membership: Membership, actor: User | None) -> None:  # noqa: ARG001
    """End a leaving member's sessions that began with the organization's provider (`hooks.departures`)."""
    ours = gate.marked(membership.organization_id, membership.user_id)
    for row in membership.user.sessions.all():
        if SessionStore().decode(row.data).get(gate.SESSION_KEY) == ours:
            row.delete()


def providers_of(user: User) -> list[IdentityProvider]:
    """The providers that have let the user in before, and work now."""
    rows = IdentityProvider.objects.filter(organization__memberships__user=user).select_related("organization")
    known = set(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))
    return [row for row in rows.order_by("organization__name", "pk") if row.is_ready and _name(row) in known]


def is_person(provider: IdentityProvider, claims: Claims, user: User) -> bool:
    """Whether the provider's person is the user's account."""
    return bool(SocialAccount.objects.filter(user=user, **_identity(provider, claims)).exists())


def _identity(provider: IdentityProvider, claims: Claims) -> dict[str, str]:
    """The columns by which a person is found: the organization's issuer, and its name for the person."""
    subject = claims.subject
    if len(subject) > 190 or not subject.isprintable():
        subject = hashlib.sha256(subject.encode(errors="surrogatepass")).hexdigest()
    return {"provider": _name(provider), "uid": subject}


def _name(provider: IdentityProvider) -> str:
    issuer = hashlib.sha256(provider.issuer.encode()).hexdigest()[:32]
    return f"organization-{provider.organization_id}-{issuer}"


def _by_address(provider: IdentityProvider, organization: Organization, claims: Claims) -> User:
    """The account of the person's address, made where there is none and new people are added."""
    if not claims.email or not addresses.is_valid(claims.email):
        raise NotLetIn(NO_ADDRESS)
    if claims.is_email_denied:
        raise NotLetIn(UNVERIFIED)
    email = addresses.key(claims.email)
    if not is_proven(organization, email):
        raise NotLetIn(OTHER_DOMAIN)
    is_member = Membership.objects.filter(organization=organization, user__email=email).exists()
    if not is_member and not provider.adds_members:
        raise NotLetIn(NO_MEMBER)
    if not is_member and DirectoryUser.objects.filter(organization=organization, email=email, active=False).exists():
        raise NotLetIn(ENDED)
    if User.objects.filter(email=email, is_staff=True).exists():
        raise NotLetIn(STAFF)
    return accounts.of_address(email, name=line(claims.name)[:150], time_zone=organization.time_zone)


def _join(provider: IdentityProvider, organization: Organization, user: User, claims: Claims) -> Membership:
    if DirectoryUser.objects.filter(organization=organization, email=user.email, active=False).exists():
        raise NotLetIn(ENDED)
    if not provider.adds_members or not is_proven(organization, user.email):
        raise NotLetIn(NO_MEMBER)
    role = roles.role_of_groups(organization, claims.groups or ()) or roles.default_role(organization)
    return members.add_member(organization=organization, user=user, role=role, actor=user)


def _follow_groups(link: SocialAccount, membership: Membership, claims: Claims) -> None:
    """Give the role of the person's groups; take one back that came from a group. The directory's people follow it."""
    if claims.groups is None or DirectoryUser.objects.filter(membership=membership).exists():
        return
    mapped = roles.role_of_groups(membership.organization, claims.groups)
    came_from_group = bool(link.extra_data.get("role_by_group"))
    if mapped or came_from_group:
        role = mapped or roles.default_role(membership.organization)
        try:
            if role != membership.role:
                members.change_role(membership=membership, role=role, actor=None)
        except members.LastAdmin:
            return
    if came_from_group != bool(mapped):
        link.extra_data = {"role_by_group": bool(mapped)}
        link.save(update_fields=["extra_data"])
