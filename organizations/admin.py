"""Organizations in the Django admin."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations import (
    admin_accounts,  # noqa: F401 - replaces what allauth registers
    admin_directory,  # noqa: F401 - registers models
    invitations,
)
from organizations.admin_base import DeletableAdmin, ListedAdmin, ReadOnlyAdmin
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
from organizations.two_factors import is_set_up, lead_to_set_up

admin.site.site_header = admin.site.site_title = "Panelist"
admin.site.index_title = _("All data")
# One way in, with its limits and second step. A member who may not use the admin gets a 403.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def behind_second_step(admin_view: Callable[..., Any]) -> Callable[..., Any]:
    """Lead users of the admin who have no second step to the page where they set one up (`ADMIN_SECOND_STEP`)."""

    def decorate(view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Callable[..., HttpResponseBase]:
        inner = admin_view(view, cacheable)

        @wraps(inner)
        def outer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if settings.ADMIN_SECOND_STEP and admin.site.has_permission(request) and not is_set_up(request.user):
                return lead_to_set_up(request)
            return cast(HttpResponseBase, inner(request, *args, **kwargs))

        return outer

    return decorate


admin.site.admin_view = behind_second_step(admin.site.admin_view)  # type: ignore[method-assign]


class OwnPasswordForm(AdminPasswordChangeForm):
    """The admin's form for one's own password. Wrong present ones count as wrong sign-ins do."""

    def clean_old_password(self) -> str:
        password = str(self.cleaned_data["old_password"])
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


def change_own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
    return PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request) | (extra_context or {}),
    )(request)


admin.site.password_change = change_own_password  # type: ignore[method-assign,assignment]


class MembershipInline(admin.TabularInline[Membership, Organization]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Organization)
class OrganizationAdmin(ListedAdmin[Organization]):
    list_display = ("name", "slug", "time_zone", "created_at")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)


@admin.register(User)
class UserAdmin(ListedAdmin[User], BaseUserAdmin[User]):
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

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data and request.user.is_authenticated:
            address_changes.announce(obj, request.user)
        if change and not obj.is_active and request.user.is_authenticated:
            for membership in obj.memberships.select_related("organization"):
                invitations.withdraw_all_of(organization=membership.organization, sender=obj, actor=request.user)


@admin.register(Membership)
class MembershipAdmin(ListedAdmin[Membership]):
    list_display = ("user", "organization", "role")
    list_filter = ("role",)
    search_fields = ("user__email", "user__name", "organization__name")
    autocomplete_fields = ("user", "organization")


@admin.register(DayOff)
class DayOffAdmin(ListedAdmin[DayOff]):
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

    list_display = ("created_at", "organization", "actor", "action", "subject_type", "subject_id")
    list_filter = ("action",)


@admin.register(Attempt)
class AttemptAdmin(DeletableAdmin):
    """Deleting a row lets people try again at once after too many attempts."""

    list_display = ("at", "kind")
    list_filter = ("kind",)


@admin.register(Submission)
class SubmissionAdmin(DeletableAdmin):
    """Recently sent forms, kept so that none is done twice."""

    list_display = ("key", "created_at")
