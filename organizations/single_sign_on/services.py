"""Write an organization's settings of single sign-on and of its directory. Each function writes its audit row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from organizations.audit import record
from organizations.directory import roles
from organizations.enqueue import after_commit
from organizations.models import Directory, GroupRole, IdentityProvider, Membership, Organization, User


@sensitive_variables("secret")
@transaction.atomic
def save_provider(
    *,
    provider: IdentityProvider,
    actor: User,
    is_other_issuer: bool,
    secret: str = "",
    published: tuple[dict[str, Any], list[dict[str, Any]]] | None = None,
) -> None:
    """Save a provider that a form has validated, and have it checked. `secret`: "" keeps the stored one.

    `published` is the document and the keys of SAML metadata that an admin has pasted. People of another issuer are
    other people: links to accounts are made anew, and nobody has to use what is untried.
    """
    if secret:
        provider.client_secret = secret  # type: ignore[assignment]
    if is_other_issuer:
        provider.document, provider.keys, provider.keys_at, provider.problem = {}, [], None, ""
        provider.is_required = False
        _forget_links(provider.organization)
    if published is not None:
        provider.document, provider.keys = published
        provider.keys_at, provider.problem = timezone.now(), ""
    provider.save()
    record(
        organization=provider.organization,
        actor=actor,
        action="single_sign_on.saved",
        subject=provider,
        detail={"issuer": str(provider)},
    )
    ask_for_check(provider)


@transaction.atomic
def remove_provider(*, provider: IdentityProvider, actor: User) -> None:
    """Remove the provider. People sign in with a password, which they choose by mail."""
    record(
        organization=provider.organization,
        actor=actor,
        action="single_sign_on.removed",
        subject=provider,
        detail={"issuer": str(provider)},
    )
    _forget_links(provider.organization)
    provider.delete()


def ask_for_check(provider: IdentityProvider) -> None:
    """Have a worker read what the provider publishes."""
    IdentityProvider.objects.filter(pk=provider.pk).update(check_asked_at=timezone.now())
    after_commit("organizations.check_identity_provider", provider.pk)


@transaction.atomic
def require(*, provider: IdentityProvider, is_required: bool, exempt: Collection[Membership], actor: User) -> None:
    """Say whether members get in by single sign-on alone, and who may use a password nevertheless."""
    was = provider.is_required
    provider.is_required = is_required
    provider.save(update_fields=["is_required"])
    provider.exempt.set(exempt)
    action = "single_sign_on.required" if is_required else "single_sign_on.optional"
    if is_required or was:
        record(
            organization=provider.organization,
            actor=actor,
            action=action,
            subject=provider,
            detail={"user": [row.user_id for row in exempt]},
        )


@transaction.atomic
def save_default_role(*, directory: Directory, actor: User) -> None:
    directory.save()
    record(
        organization=directory.organization,
        actor=actor,
        action="directory.default_role_changed",
        subject=directory,
        detail={"role": directory.default_role},
    )


@transaction.atomic
def add_group_role(*, row: GroupRole, actor: User) -> None:
    """Give a group's people a role. Raises members.LastAdmin when it would take the last admin's."""
    _lock(row.organization)
    row.save()
    _record_group(row, actor, "directory.group_mapped")
    roles.assign_all(row.organization)


@transaction.atomic
def remove_group_role(*, row: GroupRole, actor: User) -> None:
    """Take the role from a group's people. Raises members.LastAdmin."""
    _lock(row.organization)
    _record_group(row, actor, "directory.group_unmapped")
    row.delete()
    roles.assign_all(row.organization)


def _record_group(row: GroupRole, actor: User, action: str) -> None:
    record(
        organization=row.organization,
        actor=actor,
        action=action,
        subject=row,
        detail={"group": row.group, "role": row.role},
    )


def _lock(organization: Organization) -> None:
    Organization.objects.select_for_update().get(pk=organization.pk)


def _forget_links(organization: Organization) -> None:
    SocialAccount.objects.filter(provider__startswith=f"organization-{organization.pk}-").delete()
