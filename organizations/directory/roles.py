"""Roles of people by the groups that they are in, from a directory or told at single sign-on."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from organizations import members
from organizations.models import Directory, DirectoryUser, GroupRole, Organization
from organizations.permissions import rights_of


def default_role(organization: Organization) -> str:
    """The role of people without a mapped group."""
    found = Directory.objects.filter(organization=organization).first()
    return (found or Directory()).default_role


def role_of_groups(organization: Organization, groups: Collection[str]) -> str:
    """The role of somebody in these groups, by names or ids: the one that may do most; "" when none is mapped."""
    found = GroupRole.objects.filter(organization=organization, group__in=groups).values_list("role", flat=True)
    return max(found, key=lambda role: len(rights_of(role)), default="")


def groups_of(row: DirectoryUser) -> list[str]:
    """Names and directory's ids of a person's groups."""
    if row.pk is None:
        return []
    return [text for pair in row.groups.values_list("name", "external_id") for text in pair if text]


def role_for(row: DirectoryUser) -> str:
    """The role with which a person becomes a member."""
    mapped = role_of_groups(row.organization, groups_of(row))
    row.role_by_group = bool(mapped)
    if mapped:
        return mapped
    kept = row.kept.get("role", "")
    return kept if rights_of(kept) else default_role(row.organization)


def assign(rows: Iterable[DirectoryUser]) -> None:
    """Give members the roles of their groups. Needs a transaction. Raises members.LastAdmin.

    A role that somebody gave by hand stays until a group says otherwise; one that came from a group ends with it.
    """
    for row in rows:
        if row.membership is None:
            continue
        mapped = role_of_groups(row.organization, groups_of(row))
        if mapped or row.role_by_group:
            role = mapped or default_role(row.organization)
            if role != row.membership.role:  # the same role again would take a coordinator's jobs
                members.change_role(membership=row.membership, role=role, actor=None)
        if row.role_by_group != bool(mapped):
            row.role_by_group = bool(mapped)
            row.save(update_fields=["role_by_group"])


def assign_all(organization: Organization) -> None:
    """Give all people of the directory the roles of their groups. Raises members.LastAdmin."""
    assign(DirectoryUser.objects.filter(organization=organization).select_related("membership", "organization"))
