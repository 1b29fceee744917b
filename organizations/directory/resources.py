"""The resources behind the addresses of SCIM: people, groups, and the documents by which the server tells of itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from scim2_models import Context, Meta, NotFoundException, Reference, Resource

from organizations.directory import groups, shapes, users
from organizations.models import DirectoryGroup, DirectoryUser, Organization

Row = DirectoryUser | DirectoryGroup


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource: its model in SCIM, its rows, and how they are written and read."""

    name: str
    endpoint: str
    model: type[Resource[Any]]
    table: type[Row]
    write: Callable[..., Row]
    remove: Callable[..., None]
    as_resource: Callable[..., Resource[Any]]

    def rows(self, organization: Organization) -> QuerySet[Any]:
        if self.table is DirectoryUser:
            people = DirectoryUser.objects.select_related("organization", "membership__user")
            return people.prefetch_related("groups").filter(organization=organization)
        return DirectoryGroup.objects.select_related("organization").filter(organization=organization)

    def find(self, organization: Organization, pk: str) -> Row | None:
        """The organization's row with an id from an address; None for anything else."""
        try:
            number = uuid.UUID(pk)
        except ValueError:
            return None
        found: Row | None = self.rows(organization).filter(scim_id=number).first() if str(number) == pk else None
        return found

    def new(self, organization: Organization) -> Row:
        return self.table(organization=organization)


USER = Kind("User", "/Users", shapes.User, DirectoryUser, users.write, users.remove, users.as_resource)
GROUP = Kind("Group", "/Groups", shapes.Group, DirectoryGroup, groups.write, groups.remove, groups.as_resource)
KINDS = {"Users": USER, "Groups": GROUP}


def etag(row: Row) -> str:
    return f'W/"{row.version}"'


def shown(kind: Kind, row: Row, address: str) -> Resource[Any]:
    """A row as a whole resource."""
    resource = kind.as_resource(row)
    resource.id = str(row.scim_id)
    resource.meta = Meta(
        resource_type=kind.name,
        created=row.created_at,
        last_modified=row.changed_at,
        location=address,
        version=etag(row),
    )
    base = address.rpartition(kind.endpoint)[0]
    if isinstance(row, DirectoryUser) and isinstance(resource, shapes.User):
        resource.groups = [
            shapes.GroupOfUser(
                value=str(group.scim_id), display=group.name, ref=Reference(f"{base}/Groups/{group.scim_id}")
            )
            for group in row.groups.all()
        ] or None
    if isinstance(resource, shapes.Group):
        for member in resource.members or []:
            member.ref = Reference(f"{base}/Users/{member.value}")
    return resource


def document(name: str, rest: str) -> Any:
    """A document about the server, or a list of them. Raises NotFoundException."""
    one = {"ServiceProviderConfig": shapes.CONFIG} if not rest else {}
    if name in one:
        return one[name].model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    lists: dict[str, Any] = {"Schemas": shapes.PROVIDER.schemas, "ResourceTypes": shapes.PROVIDER.resource_types}
    found = [item.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE) for item in lists.get(name, ())]
    if rest:
        found = [item for item in found if item.get("id") == rest]
    if not found:
        raise NotFoundException(detail="Nothing has this address.")
    if rest:
        return found[0]
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(found),
        "startIndex": 1,
        "itemsPerPage": len(found),
        "Resources": found,
    }
