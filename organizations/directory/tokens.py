"""Bearer tokens, by which a directory is let in and which tell its organization.

A token is 256 random bits, shown once; the database has its SHA-256 hash, and its first characters for people.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from organizations.audit import record
from organizations.models import DirectoryToken, Organization, User

START = "scim_"
PREFIX_LENGTH = len(START) + 6
#: How long a renewed token still works: the time to give the directory its new one.
OVERLAP = timedelta(days=7)
#: More than a token that is being replaced and its successor helps nobody.
MOST = 5
#: "Last used" is no more exact than this, so that reading writes seldom.
USED_EVERY = timedelta(minutes=5)


class TooMany(Exception):
    """The organization has `MOST` tokens that work."""


@sensitive_variables()
@transaction.atomic
def create(*, organization: Organization, actor: User) -> str:
    """Make a token and return it, for the only time. Raises TooMany."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    if working(organization).count() >= MOST:
        raise TooMany
    token = START + secrets.token_urlsafe(32)
    row = DirectoryToken.objects.create(
        organization=organization, prefix=token[:PREFIX_LENGTH], token_hash=_hash(token), created_by=actor
    )
    record(organization=organization, actor=actor, action="directory.token_created", subject=row)
    return token


@sensitive_variables()
@transaction.atomic
def renew(*, token: DirectoryToken, actor: User) -> str:
    """Make a successor and return it; the old token works for `OVERLAP` longer. Raises TooMany."""
    new = create(organization=token.organization, actor=actor)
    DirectoryToken.objects.filter(pk=token.pk, ends_at__isnull=True).update(ends_at=timezone.now() + OVERLAP)
    return new


@transaction.atomic
def end(*, token: DirectoryToken, actor: User) -> None:
    """End a token at once."""
    ended = working(token.organization).filter(pk=token.pk).update(ends_at=timezone.now())
    if ended:
        record(organization=token.organization, actor=actor, action="directory.token_ended", subject=token)


def working(organization: Organization) -> QuerySet[DirectoryToken]:
    """The tokens that let a directory in now."""
    return DirectoryToken.objects.filter(_works(), organization=organization)


@sensitive_variables()
def organization_of(header: str) -> Organization | None:
    """The organization whose token stands in an Authorization header, or None. Notes that it was used."""
    scheme, _space, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.isascii() or len(token) > 200:
        return None
    row = DirectoryToken.objects.select_related("organization").filter(_works(), token_hash=_hash(token)).first()
    if row is None:
        return None
    now = timezone.now()
    seldom = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USED_EVERY)
    if row.last_used_at is None or row.last_used_at < now - USED_EVERY:
        DirectoryToken.objects.filter(seldom, pk=row.pk).update(last_used_at=now)
    return row.organization


def _works() -> Q:
    return Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now())


def _hash(token: str) -> str:
    return hashlib.sha256(token.strip().encode()).hexdigest()
