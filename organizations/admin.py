"""Organizations in the Django admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from organizations.hooks import address_changes
from organizations.models import (
    Attempt,
    AuditEvent,
    DayOff,
    Invitation,
    Membership,
    Organization,
    Submission,
    User,
)

admin.site.site_header = admin.site.site_title = "Panelist"
admin.site.index_title = _("All data")


class ReadOnlyAdmin(admin.ModelAdmin[models.Model]):
    """Rows to look at: the product's own pages change them, with their checks and consequences."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:  # noqa: ARG002
        return False


class DeletableAdmin(ReadOnlyAdmin):
    """Rows to look at and to delete."""

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


class MembershipInline(admin.TabularInline[Membership, Organization]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin[Organization]):
    list_display = ("name", "slug", "time_zone", "created_at")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)


@admin.register(User)
class UserAdmin(BaseUserAdmin[User]):
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_superuser")
    search_fields = ("email", "name")
    list_filter = ("is_active", "is_superuser")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "time_zone")}),
        (None, {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "name", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data and request.user.is_authenticated:
            address_changes.announce(obj, request.user)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin[Membership]):
    list_display = ("user", "organization", "role")
    list_filter = ("role",)
    search_fields = ("user__email", "user__name", "organization__name")
    autocomplete_fields = ("user", "organization")


@admin.register(DayOff)
class DayOffAdmin(admin.ModelAdmin[DayOff]):
    list_display = ("membership", "day", "note")
    autocomplete_fields = ("membership",)


@admin.register(Invitation)
class InvitationAdmin(DeletableAdmin):
    """Created and renewed on the "Members" page, which makes the link with it."""

    list_display = ("email", "organization", "role", "created_at", "accepted_at")
    search_fields = ("email", "organization__name")
    list_select_related = ("organization",)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Read only: an audit trail that can be edited proves nothing."""

    list_display = ("created_at", "organization", "actor", "action", "summary")
    list_filter = ("action",)
    search_fields = ("summary",)


@admin.register(Attempt)
class AttemptAdmin(DeletableAdmin):
    """Deleting a row lets people try again at once after too many attempts."""

    list_display = ("at", "kind")
    list_filter = ("kind",)


@admin.register(Submission)
class SubmissionAdmin(DeletableAdmin):
    """Recently sent forms, kept so that none is done twice."""

    list_display = ("key", "created_at")
