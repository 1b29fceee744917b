"""Accounts' addresses, factors, sessions and outside identities in the Django admin, without anything secret.

They replace what allauth registers, whose pages show secrets of factors, keys of sessions and tokens, and let rows be
searched by them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from organizations import devices
from organizations.admin_base import DeletableAdmin, ListedAdmin, ReadOnlyAdmin
from organizations.admin_related import Related, relate
from organizations.admin_site import Section
from organizations.models import Membership, Session, User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

for _model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, Group):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)

# In words that people know from their profile and from the settings.
_names: list[tuple[type[Model], StrOrPromise, StrOrPromise]] = [
    (Authenticator, _("second factor"), _("second factors")),
    (SocialAccount, _("single sign-on identity"), _("single sign-on identities")),
    (Group, _("group of staff"), _("groups of staff")),
]
for _model, _one, _many in _names:
    _model._meta.verbose_name, _model._meta.verbose_name_plural = _one, _many


@admin.register(Group)
class GroupAdmin(ListedAdmin[Group], BaseGroupAdmin):
    """Groups of accounts that may use the Django admin."""

    section = Section.PEOPLE


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin[EmailAddress]):
    """Addresses of accounts: whether each is proven to be its account's."""

    section = Section.PEOPLE
    list_display = ("email", "user", "primary", "verified")
    list_select_related = ("user",)
    list_filter = ("primary", "verified")
    search_fields = ("email",)


@admin.register(Authenticator)
class AuthenticatorAdmin(DeletableAdmin[Authenticator]):
    """Second factors, without their secrets. Delete one that its owner has lost: the password is enough then."""

    section = Section.PEOPLE
    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    list_filter = ("type",)
    exclude = ("data",)


@admin.register(Session)
class SessionAdmin(DeletableAdmin[Session]):
    """Sessions, without their data. Deleting one ends it."""

    section = Section.PEOPLE
    list_display = ("user", "device", "place", "started_at", "seen_at", "ends_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("user", "device", "place", "started_at", "seen_at", "ends_at")

    @admin.display(description=_("device"))
    def device(self, row: Session) -> str:
        return devices.in_words(row.browser)


@admin.register(SocialAccount)
class SocialAccountAdmin(DeletableAdmin[SocialAccount]):
    """Which account at an identity provider is whose here."""

    section = Section.PEOPLE
    list_display = ("user", "provider", "uid", "last_login")
    list_select_related = ("user",)
    search_fields = ("user__email", "uid")
    exclude = ("extra_data",)


relate(
    User,
    Related(Membership, "user", ("organization", "role", "created_at")),
    Related(Session, "user", ("device", "place", "started_at", "seen_at", "ends_at"), order=("-seen_at",)),
    Related(Authenticator, "user", ("type", "created_at", "last_used_at")),
    Related(EmailAddress, "user", ("email", "primary", "verified")),
)
