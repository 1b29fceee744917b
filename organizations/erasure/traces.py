"""Delete what this app's tables say of a person beside the account itself."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.db.models import Q

from organizations import limits, throttle
from organizations.append_only import erasing
from organizations.erasure.names import Names
from organizations.models import AuditEvent, DirectoryUser, Invitation, Organization, Submission, User


def forget(user: User, organization: Organization | None, _at_last: bool) -> int:
    """Delete invitations and the directory's description, empty the trail of names (`hooks.erasures`)."""
    here = {} if organization is None else {"organization": organization}
    names = Names(user)
    Invitation.objects.filter(email__in=names.addresses, **here).delete()
    described = Q(email__in=names.addresses) | Q(membership__user=user)
    for address in names.addresses:
        described |= Q(user_name__iexact=address)
    DirectoryUser.objects.filter(described, **here).delete()
    Organization.objects.filter(
        reply_to__in=names.addresses, **({} if organization is None else {"pk": organization.pk})
    ).update(reply_to="")
    forget_in_trail(user, organization)
    return 0


def forget_in_trail(user: User, organization: Organization | None) -> None:
    """Empty the texts of rows about a person, and take the name out of all others. The rows stay."""
    rows, names = AuditEvent._base_manager.exclude(texts={}), Names(user)
    if organization is not None:
        rows = rows.filter(organization=organization)
    plain, mentioned = names.mentioned(documents=["texts"])
    with erasing():
        rows.filter(person_type="user", person_id=user.pk).update(texts={})
        for row in rows.annotate(**plain).filter(mentioned).order_by("pk").only("texts"):
            rows.filter(pk=row.pk).update(texts=names.replaced(row.texts))


def forget_beyond_organizations(user: User) -> None:
    """Delete what belongs to no organization: limits that count the person, forms they sent, the admin's log."""
    names = Names(user)
    limits.forget(user.pk)
    for address in names.addresses:
        limits.forget(address)
        throttle.forget(address)
    plain, mentioned = names.mentioned(documents=["answer"])
    Submission.objects.annotate(**plain).filter(mentioned).delete()
    _, logged = names.mentioned(texts=["object_repr", "change_message"])
    for entry in LogEntry.objects.filter(logged).order_by("pk"):
        entry.object_repr = names.replaced(entry.object_repr)
        entry.change_message = names.replaced(entry.change_message)
        entry.save(update_fields=["object_repr", "change_message"])
