"""Organizations and people in the Django admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import (
    admin_accounts,  # noqa: F401 - replaces what allauth registers
    admin_audit,  # noqa: F401 - registers models
    admin_directory,  # noqa: F401 - registers models
    invitations,
    members,
)
from organizations.admin_base import DeletableAdmin, ListedAdmin, ReadOnlyAdmin
from organizations.admin_erasure import ErasingMembershipAdmin, ErasingOrganizationAdmin, ErasingUserAdmin
from organizations.admin_related import Related, relate
from organizations.admin_site import Section
from organizations.hooks import address_changes
from organizations.models import (
    Attempt,
    DayOff,
    Heartbeat,
    Invitation,
    Logo,
    Membership,
    Organization,
    SavedFilter,
    Submission,
    User,
)


@admin.register(Organization)
class OrganizationAdmin(ErasingOrganizationAdmin):
    section = Section.ORGANIZATIONS
    list_display = ("name", "slug", "time_zone", "created_at")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Logo)
class LogoAdmin(ReadOnlyAdmin[Logo]):
    """Uploaded and removed on the organization's own page of settings."""

    section = Section.ORGANIZATIONS
    list_display = ("organization", "created_at")
    list_select_related = ("organization",)
    search_fields = ("organization__name",)
    fields = ("organization", "created_at")


@admin.register(User)
class UserAdmin(ErasingUserAdmin, BaseUserAdmin[User]):
    section = Section.PEOPLE
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_superuser")
    search_fields = ("email", "name")
    list_filter = ("is_active", "is_superuser")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "time_zone")}),
        (None, {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    #: A person's time zone is their own: they change it in their profile.
    readonly_fields = ("time_zone",)
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "name", "password1", "password2")}),)
    actions = ("sign_out_everywhere",)
    row_actions = ("sign_out_everywhere",)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data and request.user.is_authenticated:
            address_changes.announce(obj, request.user)
        if change and not obj.is_active and request.user.is_authenticated:
            for membership in obj.memberships.select_related("organization"):
                invitations.withdraw_all_of(organization=membership.organization, sender=obj, actor=request.user)

    @admin.action(description=gettext_lazy("Sign out everywhere"), permissions=["act"])
    def sign_out_everywhere(self, request: HttpRequest, queryset: models.QuerySet[User]) -> HttpResponse | None:
        actor = request.user

        def sign_out(user: User) -> tuple[bool, str]:
            if not actor.is_authenticated or not members.sign_account_out_everywhere(user=user, actor=actor):
                return False, _("%(user)s is not signed in anywhere.") % {"user": user.email}
            return True, _("%(user)s is signed out everywhere.") % {"user": user.email}

        return self.act_on_each(request, queryset, sign_out)


@admin.register(Membership)
class MembershipAdmin(ErasingMembershipAdmin):
    section = Section.PEOPLE
    list_display = ("user", "organization", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "organization")
    search_fields = ("user__email", "user__name", "organization__name")
    autocomplete_fields = ("user", "organization")


@admin.register(DayOff)
class DayOffAdmin(ListedAdmin[DayOff]):
    section = Section.PEOPLE
    list_display = ("membership", "day", "note")
    list_select_related = ("membership__user",)
    search_fields = ("membership__user__email", "membership__user__name")
    autocomplete_fields = ("membership",)


@admin.register(SavedFilter)
class SavedFilterAdmin(DeletableAdmin[SavedFilter]):
    """Named and deleted by their owners, in the list that they are of."""

    section = Section.PEOPLE
    list_display = ("name", "page", "membership")
    list_select_related = ("membership__user", "membership__organization")
    search_fields = ("membership__user__email",)


@admin.register(Invitation)
class InvitationAdmin(DeletableAdmin[Invitation]):
    """Created and renewed on the "Members" page, which makes the link with it."""

    section = Section.PEOPLE
    list_display = ("email", "organization", "role", "delivery", "created_at", "accepted_at")
    list_filter = ("role", "delivery")
    search_fields = ("email", "organization__name")
    list_select_related = ("organization",)
    fields = ("email", "organization", "role", "delivery", "invited_by", "created_at", "expires_at", "accepted_at")


@admin.register(Attempt)
class AttemptAdmin(DeletableAdmin[Attempt]):
    """Deleting a row lets people try again at once after too many attempts."""

    list_display = ("at", "kind")
    ordering = ("-at",)
    sortable_by = ()


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin[Heartbeat]):
    """When background work was last done."""

    list_display = ("at",)
    ordering = ("-at",)
    sortable_by = ()


@admin.register(Submission)
class SubmissionAdmin(DeletableAdmin[Submission]):
    """Recently sent forms, kept so that none is done twice."""

    list_display = ("short_key", "created_at")
    ordering = ("-created_at",)
    sortable_by = ()
    fields = ("short_key", "created_at")

    @admin.display(description=gettext_lazy("form"))
    def short_key(self, row: Submission) -> str:
        return str(row)


relate(
    Organization,
    Related(Membership, "organization", ("user", "role", "created_at"), gettext_lazy("Members"), ("user__search_key",)),
    Related(Invitation, "organization", ("email", "role", "delivery", "accepted_at")),
)
