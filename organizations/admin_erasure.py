"""Deletions in the Django admin that go through the product's own services, with their consequences for people.

Django's page that asks first lists, in place of rows, what happens, or why it can't.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations import members
from organizations.admin_base import ListedAdmin
from organizations.erasure import accounts, closing
from organizations.hooks import erasures
from organizations.models import Membership, Organization, User

M = TypeVar("M", bound=models.Model)


class ErasingAdmin(ListedAdmin[M]):
    """The admin of a model whose rows only a service deletes."""

    def consequences(self, row: M) -> list[str]:
        """Say what goes with a row, a line each."""
        raise NotImplementedError

    def refusals(self, row: M) -> list[str]:  # noqa: ARG002
        """Say why a row can't be deleted; nothing where it can."""
        return []

    def erase(self, row: M, actor: User) -> str:
        """Delete a row. Returns why it was refused; "" where it was not."""
        raise NotImplementedError

    def get_deleted_objects(self, objs: Iterable[M], request: HttpRequest) -> Any:  # noqa: ARG002
        rows = list(objs)
        lines = [line for row in rows for line in (str(row), self.consequences(row))]
        refused = [line for row in rows for line in self.refusals(row)]
        return lines, {str(self.model._meta.verbose_name_plural): len(rows)}, set(), refused

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        refused = self.erase(obj, cast(User, request.user))
        if refused:
            self.message_user(request, refused, messages.ERROR)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[M]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Log it for whoever runs the server. The service writes the organizations' trail."""
        return admin.ModelAdmin.log_deletions(self, request, queryset)


class ErasingOrganizationAdmin(ErasingAdmin[Organization]):
    """Closes an organization at once. There is no week: whoever runs the server was asked by somebody."""

    def consequences(self, row: Organization) -> list[str]:
        return [
            *erasures.summary(row),
            *erasures.left_at_vendors(row),
            _("Closed at once. Workers cancel interviews with the usual messages, then delete everything."),
        ]

    def erase(self, row: Organization, actor: User) -> str:
        now = timezone.now()
        if not closing.plan(organization=row, actor=actor, tell=True, at=now):
            closing.hurry(organization=row, actor=actor)
        return ""


class ErasingUserAdmin(ErasingAdmin[User]):
    """Erases an account as its person does on "Your profile"."""

    def consequences(self, row: User) -> list[str]:
        names = row.organization_names()
        coming = sum(erasures.interviews(row).values())
        return [
            *(_("Leaves %(organization)s") % {"organization": name} for name in names),
            _("Interviews to come that lose their interviewer: %(number)d") % {"number": coming},
        ]

    def refusals(self, row: User) -> list[str]:
        return [_last_admin(row, organization) for organization in accounts.needing(row)]

    def erase(self, row: User, actor: User) -> str:
        try:
            accounts.erase(user=row, actor=actor)
        except accounts.StillNeeded as kept:
            return _last_admin(row, kept.organizations[0])
        return ""


class ErasingMembershipAdmin(ErasingAdmin[Membership]):
    """Removes a member as the page "Members" does."""

    def consequences(self, row: Membership) -> list[str]:
        coming = erasures.interviews(row.user).get(row.organization_id, 0)
        return [_("Interviews to come that lose their interviewer: %(number)d") % {"number": coming}]

    def refusals(self, row: Membership) -> list[str]:
        needing = accounts.needing(row.user)
        return [_last_admin(row.user, one) for one in needing if one.pk == row.organization_id]

    def erase(self, row: Membership, actor: User) -> str:
        try:
            members.remove_member(membership=row, actor=actor, action="admin.member_removed")
        except members.LastAdmin:
            return _last_admin(row.user, row.organization)
        return ""


def _last_admin(user: User, organization: Organization) -> str:
    return _("%(user)s is the last admin of %(organization)s. Make somebody else an admin, or delete it.") % {
        "user": user,
        "organization": organization,
    }
