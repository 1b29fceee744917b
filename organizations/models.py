"""Organizations, their members, and the audit trail."""

from __future__ import annotations

from datetime import time
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations import addresses
from organizations.fields import AddressColumn, LineColumn
from organizations.search import Searchable, SearchKeyField
from organizations.zones import is_valid


def validate_time_zone(value: str) -> None:
    """Refuse anything but IANA names, such as Europe/Berlin."""
    if not is_valid(value):
        raise ValidationError(
            _("“%(value)s” is not a time zone. Choose one like Europe/Berlin."), params={"value": value}
        )


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=addresses.key(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=addresses.key(username or ""))


class User(Searchable, AbstractBaseUser, PermissionsMixin):
    """A person's account. Sign-in is by e-mail; memberships hold the roles."""

    email = AddressColumn(_("e-mail"), max_length=254, unique=True)
    name = LineColumn(_("name"), max_length=150)
    search_key = SearchKeyField("name", "email")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    is_staff = models.BooleanField(_("may use the Django admin"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]
        ordering = ["search_key", "id"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ", 1)[0] if self.name else self.email


class Organization(models.Model):
    """The tenant. Every row but accounts belongs to one."""

    class InvitationGrouping(models.TextChoices):
        DAY = "day", _("One calendar event per day")
        BLOCK = "block", _("One calendar event per block of interviews without a break")
        INTERVIEW = "interview", _("One calendar event per interview")

    name = LineColumn(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    sender_name = LineColumn(_("sender name"), max_length=120, blank=True)
    reply_to = AddressColumn(_("reply-to address"), blank=True)
    join_opens_minutes = models.PositiveSmallIntegerField(
        _("minutes before an interview that its link opens"), default=30
    )
    invitation_grouping = models.CharField(
        _("candidate's calendar events"),
        max_length=16,
        choices=InvitationGrouping.choices,
        default=InvitationGrouping.DAY,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user in an organization, with a role and working hours."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Admin")
        RECRUITER = "recruiter", _("Recruiter")
        INTERVIEWER = "interviewer", _("Interviewer")

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    work_from = models.TimeField(_("works from"), default=time(9))
    work_until = models.TimeField(_("works until"), default=time(17))
    work_days = models.CharField(
        _("working days"), max_length=7, default="12345", help_text=_("ISO week days, 1 is Monday.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_unique"),
            models.CheckConstraint(
                condition=models.Q(role__in=["admin", "recruiter", "interviewer"]),
                name="membership_role_known",
            ),
        ]
        ordering = ["user__search_key", "id"]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN

    @property
    def is_recruiter(self) -> bool:
        """Whether the member is a recruiter or an admin, who may do the same."""
        return self.role in {self.Role.ADMIN, self.Role.RECRUITER}


class DayOff(models.Model):
    """A whole day, in the member's time zone, on which they are not available."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="days_off")
    day = models.DateField(_("day"))
    note = LineColumn(_("note"), max_length=120, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("day off"), _("days off")
        constraints = [models.UniqueConstraint(fields=["membership", "day"], name="day_off_unique")]
        ordering = ["day", "id"]

    def __str__(self) -> str:
        return f"{self.day}"


class Invitation(models.Model):
    """An offer to become a member. Only the hash of its token is stored."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = AddressColumn(_("e-mail"))
    role = models.CharField(_("role"), max_length=16, choices=Membership.Role.choices)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True),
                name="invitation_open_unique",
            )
        ]
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"


class Attempt(models.Model):
    """A failed sign-in, or a mail with a link to a new password: see `throttle.py`.

    A row identifies nobody: the account and `place`, where the attempt came from, are keyed hashes.
    """

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", _("Sign-in")
        PASSWORD_MAIL = "password_mail", _("Mail with a link to a new password")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    account = models.CharField(_("account"), max_length=64)
    place = models.CharField(_("place"), max_length=64, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "account", "at"], name="attempt_account"),
            models.Index(fields=["kind", "place", "at"], name="attempt_place"),
            models.Index(fields=["at"], name="attempt_at"),
        ]
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Submission(models.Model):
    """A form that was sent and done, and the answer to it: see `once.py`."""

    #: A hash of the user, the address and the form's token.
    key = models.CharField(max_length=64, primary_key=True)
    answer = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="submission_age")]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.key[:8]


class AuditEvent(models.Model):
    """One change in an organization, by `actor` or, when that is empty, by Panelist."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="audit_events")
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    summary = models.CharField(max_length=300)
    search_key = SearchKeyField("summary")
    detail = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["organization", "id"], name="audit_organization"),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.summary
