"""Groups of the directory and their people."""

from __future__ import annotations

import uuid

from django.utils import timezone
from scim2_models import InvalidValueException

from organizations import parameters
from organizations.directory import roles, shapes
from organizations.models import DirectoryGroup, DirectoryUser, Organization


def write(row: DirectoryGroup, resource: shapes.Group) -> DirectoryGroup:
    """Store a group and give its people their roles. Needs a transaction.

    Raises InvalidValueException for a member who is not there, members.LastAdmin.
    """
    Organization.objects.select_for_update().get(pk=row.organization_id)
    row.name, row.external_id = (resource.display_name or "").strip(), resource.external_id or ""
    if not row.name or not parameters.is_storable(row.name + row.external_id):
        raise InvalidValueException(detail="displayName is empty or has characters that can't be stored.")
    if row.pk is not None:
        row.version, row.changed_at = row.version + 1, timezone.now()
    row.save()
    before = set(row.people.values_list("pk", flat=True))
    row.people.set(_people(row.organization, resource))
    _assign(row.organization, before | set(row.people.values_list("pk", flat=True)))
    return row


def remove(row: DirectoryGroup) -> None:
    """Delete a group; its people lose the role that it gave. Needs a transaction. Raises members.LastAdmin."""
    Organization.objects.select_for_update().get(pk=row.organization_id)
    people = set(row.people.values_list("pk", flat=True))
    row.delete()
    _assign(row.organization, people)


def as_resource(row: DirectoryGroup) -> shapes.Group:
    """The writable part of a group as the directory reads it back."""
    return shapes.Group(
        display_name=row.name,
        external_id=row.external_id or None,
        members=[
            shapes.GroupMember.model_validate({"value": str(found), "type": "User"})
            for found in row.people.order_by("pk").values_list("scim_id", flat=True)
        ]
        or None,
    )


def _people(organization: Organization, resource: shapes.Group) -> list[DirectoryUser]:
    wanted = {member.value or "" for member in resource.members or []}
    found = DirectoryUser.objects.filter(organization=organization, scim_id__in=[_uuid(text) for text in wanted])
    people = list(found)
    missing = wanted - {str(person.scim_id) for person in people}
    if missing:
        raise InvalidValueException(detail=f"No user has the id {min(missing)[:60]}.")
    return people


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise InvalidValueException(detail=f"No user has the id {text[:60]}.") from None


def _assign(organization: Organization, people: set[int]) -> None:
    rows = DirectoryUser.objects.filter(organization=organization, pk__in=people)
    roles.assign(rows.select_related("membership", "organization"))
