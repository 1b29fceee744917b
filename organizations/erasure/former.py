"""Former members of one organization: who they are, and how it forgets one without touching their account.

Other organizations may share the account, so it stays with its name. In this one's activity its id names nobody any
more: `trail.py` reads the row "member.forgotten". An account that belongs to no organization goes as a whole.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from organizations.audit import Person, record
from organizations.erasure import accounts
from organizations.hooks import erasures
from organizations.models import AuditEvent, Membership, Organization, User

#: The rows of the trail that tell of a member who left.
LEFT = ("member.removed", "directory.member_removed", "admin.member_removed")
FORGOTTEN = "member.forgotten"


class StillSending(Exception):
    """Nothing was deleted: a message to the person is still being sent."""


def of(organization: Organization) -> QuerySet[User]:
    """Return the accounts of former members that are not forgotten, each with `left_at`, by name."""
    rows = AuditEvent.objects.filter(organization=organization, person_type="user", person_id=OuterRef("pk"))
    left = rows.filter(action__in=LEFT).order_by("-id").values("created_at")[:1]
    forgotten = rows.filter(action=FORGOTTEN).order_by("-id").values("created_at")[:1]
    here = Membership.objects.filter(organization=organization, user=OuterRef("pk"))
    # Those whom the trail names: without this everybody on the installation is looked up in it.
    named = AuditEvent.objects.filter(organization=organization, action__in=LEFT).order_by()
    found = User.objects.filter(~Exists(here), erase_asked_at__isnull=True, pk__in=named.values("person_id")).annotate(
        left_at=Subquery(left), forgotten_at=Subquery(forgotten)
    )
    found = found.filter(Q(forgotten_at__isnull=True) | Q(forgotten_at__lt=F("left_at")), left_at__isnull=False)
    return found.order_by("search_key", "pk")


@transaction.atomic
def forget(*, user: User, organization: Organization, actor: User) -> None:
    """Delete what the organization holds on a former member. Raises StillSending."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    if erasures.forget(user, organization):
        raise StillSending
    record(organization=organization, actor=actor, action=FORGOTTEN, subject=user, person=Person("user", user.pk))
    if not user.is_staff and not Membership.objects.filter(user=user).exists():
        accounts.delete(user)
