"""Erase one account, asked for by its person or by whoever runs the server.

The account closes at once: it leaves its organizations like a removed member, and can't be signed in with. The row
itself goes when the last message to its person has left, which says which interviews are off: a task does that, after
commit and again by beat. What somebody else did stays, and what the person did, under no name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from organizations import members, sessions
from organizations.enqueue import after_commit
from organizations.erasure import traces
from organizations.hooks import erasures
from organizations.models import DirectoryUser, Membership, Organization, User

log = structlog.get_logger(__name__)

#: How long messages to the person may take. Then the account goes, and they are never sent.
MESSAGES_HAVE = timedelta(hours=12)


class StillNeeded(Exception):
    """Nothing was erased: organizations would be left without an admin. `organizations` are those."""

    def __init__(self, organizations: Sequence[Organization]) -> None:
        super().__init__("the last admin")
        self.organizations = list(organizations)


def needing(user: User) -> list[Organization]:
    """Return the organizations of which the person is the last admin, in order of name. None that is being deleted."""
    others = Membership.objects.filter(
        organization=OuterRef("pk"), role=Membership.Role.ADMIN, user__is_active=True
    ).exclude(user=user)
    own = Organization.objects.filter(memberships__user=user, memberships__role=Membership.Role.ADMIN)
    return [one for one in own.filter(~Exists(others)).order_by("name", "pk") if not one.is_closed]


@transaction.atomic
def erase(*, user: User, actor: User) -> None:
    """Close the account, and have a worker delete it. `actor`: its person, or a user of the Django admin.

    Raises StillNeeded.
    """
    # In one order: two admins of two organizations who leave at the same moment wait for each other.
    here = Organization.objects.filter(memberships__user=user).order_by("pk")
    list(Organization.objects.select_for_update().filter(pk__in=list(here.values_list("pk", flat=True))).order_by("pk"))
    if needed := needing(user):
        raise StillNeeded(needed)
    DirectoryUser.objects.filter(membership__user=user).delete()
    action = "member.erased" if actor.pk == user.pk else "admin.account_erased"
    for membership in Membership.objects.filter(user=user).order_by("organization_id"):
        members.remove_member(membership=membership, actor=actor, action=action)
    now = timezone.now()
    User.objects.filter(pk=user.pk, erase_asked_at__isnull=True).update(is_active=False, erase_asked_at=now)
    sessions.end_all(user)
    after_commit("organizations.finish_erasing_account", user.pk)


@transaction.atomic
def finish(user_id: int) -> bool:
    """Delete an account that is to be erased. False while messages to its person still have to leave."""
    user = User.objects.select_for_update().filter(pk=user_id, erase_asked_at__isnull=False).first()
    if user is None or user.erase_asked_at is None:
        return True
    at_last = user.erase_asked_at <= timezone.now() - MESSAGES_HAVE
    if erasures.forget(user, None, at_last=at_last):
        return False
    _delete(user)
    return True


def delete(user: User) -> None:
    """Delete an account that belongs to no organization any more, in the caller's transaction. Waits for no message."""
    erasures.forget(user, None, at_last=True)
    _delete(user)


def _delete(user: User) -> None:
    account = user.pk
    traces.forget_beyond_organizations(user)
    user.delete()
    log.info("account_erased", account=account)


def sweep() -> None:
    """Finish the accounts that are to be erased. Called by beat."""
    for user_id in User.objects.filter(erase_asked_at__isnull=False).order_by("pk").values_list("pk", flat=True):
        finish(user_id)
