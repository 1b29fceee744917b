"""People's accounts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.enqueue import after_commit
from organizations.fields import AccountAddressColumn, LineColumn
from organizations.names import first_name
from organizations.search import Searchable, SearchKeyField
from organizations.zones import is_valid


def validate_time_zone(value: str) -> None:
    """Refuse anything but IANA names, such as Europe/Berlin."""
    if not is_valid(value):
        raise ValidationError(
            _("“%(value)s” is not a time zone. Choose one like Europe/Berlin."), params={"value": value}
        )


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, *, address_is_proven: bool = True, **fields: Any
    ) -> User:
        """Make an account. `address_is_proven`: its person reads mail there, or who runs the server vouches for it."""
        user = self.model(email=email, **fields)
        user.address_is_proven = address_is_proven
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=username or "")


class User(Searchable, AbstractBaseUser, PermissionsMixin):
    """A person's account. Sign-in is by e-mail; memberships hold the roles."""

    email = AccountAddressColumn(_("e-mail"), max_length=254, unique=True)
    name = LineColumn(_("name"), max_length=150)
    search_key = SearchKeyField("name", "email")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    #: One of settings.LANGUAGES; "": as the browser asks.
    language = models.CharField(_("language"), max_length=16, blank=True, default="", db_default="")
    #: The address of the video call that they always use; empty: none.
    video_room = LineColumn(_("own video room"), max_length=500, blank=True, default="", db_default="")
    is_staff = models.BooleanField(_("may use the Django admin"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    pending_email = AccountAddressColumn(_("new e-mail, not proven yet"), max_length=254, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    #: Set when the account is to be erased: `erasure/accounts.py` deletes it once messages to its person have left.
    erase_asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    #: For the EmailAddress that `save` keeps. Accounts come by invitation, or from whoever runs the server.
    address_is_proven = True
    #: The name of the organization that a person without an account was invited to, while they choose a password.
    joins = ""

    class Meta:
        verbose_name, verbose_name_plural = _("user"), _("users")
        ordering = ["search_key", "id"]

    def __str__(self) -> str:
        return self.name or self.email

    @transaction.atomic
    def save(self, **options: Any) -> None:
        """Save the account, and its address as django-allauth's primary one.

        Every session ends with a new password, and while the account may not sign in. The session that chooses the
        password goes on under a new id: its view calls Django's `update_session_auth_hash`.
        """
        fields = options.get("update_fields")
        is_new, has_new_password = self._state.adding, getattr(self, "_password", None) is not None
        super().save(**options)
        if fields is None or "email" in fields:
            self._keep_address()
        if not is_new and (has_new_password or not self.is_active):
            self.sessions.all().delete()
        if not is_new and has_new_password and self.last_login is not None:
            after_commit("organizations.mail_password_changed", self.pk)

    def _keep_address(self) -> None:
        from allauth.account.models import EmailAddress

        primary = EmailAddress.objects.filter(user=self, primary=True).first()
        if primary is not None and primary.email == self.email:
            return
        EmailAddress.objects.filter(user=self).delete()
        EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=self.address_is_proven)

    def organization_names(self) -> list[str]:
        """The names of the organizations of the account, and of the one that it is about to join."""
        if self.pk is None:
            return [self.joins] if self.joins else []
        return list(self.memberships.values_list("organization__name", flat=True))

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return first_name(self.name) or self.email
