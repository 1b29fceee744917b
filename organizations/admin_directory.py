"""Directories and single sign-on in the Django admin: to look at. The settings pages and SCIM change them."""

from __future__ import annotations

from django.contrib import admin

from organizations.admin_base import DeletableAdmin, ReadOnlyAdmin
from organizations.admin_site import Section
from organizations.models import (
    Directory,
    DirectoryGroup,
    DirectoryToken,
    DirectoryUser,
    Domain,
    GroupRole,
    IdentityProvider,
    SignOnAnswer,
)


@admin.register(Directory)
class DirectoryAdmin(ReadOnlyAdmin[Directory]):
    section = Section.ORGANIZATIONS
    list_display = ("organization", "default_role")
    list_select_related = ("organization",)
    search_fields = ("organization__name",)


@admin.register(DirectoryToken)
class DirectoryTokenAdmin(ReadOnlyAdmin[DirectoryToken]):
    section = Section.ORGANIZATIONS
    list_display = ("prefix", "organization", "created_at", "last_used_at", "ends_at")
    list_select_related = ("organization",)
    search_fields = ("organization__name",)


@admin.register(DirectoryUser)
class DirectoryUserAdmin(ReadOnlyAdmin[DirectoryUser]):
    section = Section.PEOPLE
    list_display = ("user_name", "name", "organization", "active")
    fields = ("user_name", "name", "email", "external_id", "active", "organization", "membership")
    list_select_related = ("organization",)
    list_filter = ("active",)
    search_fields = ("user_name", "name", "organization__name")


@admin.register(DirectoryGroup)
class DirectoryGroupAdmin(ReadOnlyAdmin[DirectoryGroup]):
    section = Section.ORGANIZATIONS
    list_display = ("name", "organization")
    list_select_related = ("organization",)
    search_fields = ("name", "organization__name")


@admin.register(GroupRole)
class GroupRoleAdmin(ReadOnlyAdmin[GroupRole]):
    section = Section.ORGANIZATIONS
    list_display = ("group", "role", "organization")
    list_select_related = ("organization",)
    list_filter = ("role",)
    search_fields = ("group", "organization__name")


@admin.register(Domain)
class DomainAdmin(ReadOnlyAdmin[Domain]):
    section = Section.ORGANIZATIONS
    list_display = ("name", "organization", "proven_at")
    list_select_related = ("organization",)
    search_fields = ("name", "organization__name")


@admin.register(IdentityProvider)
class IdentityProviderAdmin(DeletableAdmin[IdentityProvider]):
    """Deleted here when its organization has locked itself out: members sign in with passwords again."""

    section = Section.ORGANIZATIONS
    list_display = ("issuer", "organization", "is_required", "checked_at")
    list_select_related = ("organization",)
    list_filter = ("is_required",)
    search_fields = ("issuer", "organization__name")


@admin.register(SignOnAnswer)
class SignOnAnswerAdmin(ReadOnlyAdmin[SignOnAnswer]):
    section = Section.ORGANIZATIONS
    list_select_related = ("provider",)
    list_display = ("id", "provider", "is_used", "until")
    list_filter = ("is_used",)
    search_fields = ("provider__organization__name", "provider__issuer")
