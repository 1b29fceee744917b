"""Accounts' addresses, factors, sessions and outside identities in the Django admin, without anything secret.

They replace what allauth registers, whose pages show secrets of factors, keys of sessions and tokens, and let rows be
searched by them.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.models import Group

from organizations.admin_base import DeletableAdmin, ListedAdmin, ReadOnlyAdmin
from organizations.models import Session

for _model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, Group):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


@admin.register(Group)
class GroupAdmin(ListedAdmin[Group], BaseGroupAdmin):
    """Groups of accounts that may use the Django admin."""


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """Addresses of accounts: whether each is proven to be its account's."""

    list_display = ("email", "user", "primary", "verified")
    list_select_related = ("user",)
    list_filter = ("primary", "verified")
    search_fields = ("email",)


@admin.register(Authenticator)
class AuthenticatorAdmin(DeletableAdmin):
    """Second factors, without their secrets. Delete one that its owner has lost: the password is enough then."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    list_filter = ("type",)
    exclude = ("data",)


@admin.register(Session)
class SessionAdmin(DeletableAdmin):
    """Sessions, without their data. Deleting one ends it."""

    list_display = ("user", "started_at", "seen_at", "ends_at", "browser", "place")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("key", "data")


@admin.register(SocialApp)
class SocialAppAdmin(ReadOnlyAdmin):
    """Identity providers, without their secrets."""

    list_display = ("name", "provider", "provider_id")
    list_filter = ("provider",)
    exclude = ("secret", "key", "settings")


@admin.register(SocialAccount)
class SocialAccountAdmin(DeletableAdmin):
    """Which account at an identity provider is whose here."""

    list_display = ("user", "provider", "uid", "last_login")
    list_select_related = ("user",)
    list_filter = ("provider",)
    exclude = ("extra_data",)
