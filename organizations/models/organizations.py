"""Organizations and their members."""

from __future__ import annotations

from datetime import time

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.accents import is_colour
from organizations.fields import AddressColumn, LineColumn
from organizations.models.accounts import User, validate_time_zone
from organizations.public_holidays import validate_place

#: The longest time before or after an interview, in minutes.
MOST_BUFFER = 120


def validate_colour(value: str) -> None:
    if not is_colour(value.lower()):
        raise ValidationError(_("Write the color as # and six digits or letters from a to f: #3447d4."))


class Organization(models.Model):
    """The tenant. Every row but accounts belongs to one."""

    class InvitationGrouping(models.TextChoices):
        DAY = "day", _("One calendar event per day")
        BLOCK = "block", _("One calendar event per block of interviews without a break")
        INTERVIEW = "interview", _("One calendar event per interview")

    class InterviewerInvitations(models.TextChoices):
        CALENDAR = "calendar", _("Events in their calendars, a mail to those without")
        MAIL = "mail", _("A mail to each")

    class TrailPeriod(models.IntegerChoices):
        SIX_MONTHS = 6, _("6 months")
        ONE_YEAR = 12, _("1 year")
        TWO_YEARS = 24, _("2 years")
        FIVE_YEARS = 60, _("5 years")
        FOR_EVER = 0, _("For ever")

    class CandidatePeriod(models.IntegerChoices):
        NEVER = 0, _("Never")
        SIX_MONTHS = 6, _("6 months after the last interview")
        ONE_YEAR = 12, _("12 months after the last interview")
        TWO_YEARS = 24, _("24 months after the last interview")

    class SecondStep(models.TextChoices):
        NOBODY = "nobody", _("Everyone chooses for themselves")
        ADMINS = "admins", _("Admins")
        EVERYBODY = "everybody", _("Everyone")

    class TestMail(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    name = LineColumn(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    #: One of settings.LANGUAGES: of messages to candidates, and to members who chose none of their own.
    language = models.CharField(_("language of messages"), max_length=16, default="en", db_default="en")
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
    interviewer_invitations = models.CharField(
        _("interviewers' invitations"),
        max_length=16,
        choices=InterviewerInvitations.choices,
        default=InterviewerInvitations.CALENDAR,
        db_default=InterviewerInvitations.CALENDAR,
    )
    #: A place of `public_holidays`, such as DE or DE-BY: of members without one of their own. "": no public holidays.
    holidays_of = models.CharField(
        _("public holidays of"), max_length=32, blank=True, default="", db_default="", validators=[validate_place]
    )
    #: Minutes that interviewers have before and after an interview, where its plan has none of its own.
    buffer_before = models.PositiveSmallIntegerField(
        _("minutes before an interview"), default=0, db_default=0, validators=[MaxValueValidator(MOST_BUFFER)]
    )
    buffer_after = models.PositiveSmallIntegerField(
        _("minutes after an interview"), default=0, db_default=0, validators=[MaxValueValidator(MOST_BUFFER)]
    )
    trail_months = models.PositiveSmallIntegerField(
        _("months that the audit trail is kept"), choices=TrailPeriod.choices, default=TrailPeriod.FOR_EVER
    )
    candidate_months = models.PositiveSmallIntegerField(
        _("months after which candidates are deleted"), choices=CandidatePeriod.choices, default=CandidatePeriod.NEVER
    )
    #: When candidates began to be deleted, or to be deleted earlier.
    candidate_months_since = models.DateTimeField(_("candidates deleted since"), null=True, blank=True)
    second_step_for = models.CharField(
        _("two-step sign-in needed by"), max_length=16, choices=SecondStep.choices, default=SecondStep.NOBODY
    )
    #: Until then those who are asked for a second step are only reminded.
    second_step_since = models.DateTimeField(_("two-step sign-in needed since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    #: Whether an admin hid the checklist of the first steps on Home.
    checklist_hidden = models.BooleanField(_("checklist hidden"), default=False, db_default=False, editable=False)
    #: How the last test mail ended, "" before the first.
    test_mail = models.CharField(
        _("last test mail"),
        max_length=8,
        choices=TestMail.choices,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    #: The accent colour, such as #3447d4; "": the product's own. `branding.py` has its readable shades.
    accent = models.CharField(
        _("accent color"), max_length=7, blank=True, default="", db_default="", validators=[validate_colour]
    )
    #: What the address of the logo ends with, "" without one.
    logo_token = models.CharField(
        _("address of the logo"),
        max_length=32,
        blank=True,
        default="",
        db_default="",
        db_index=True,
        editable=False,
    )
    #: When the organization is erased: from then on it is closed, and `erasure/closing.py` deletes it.
    erase_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: Whether people are told that their interviews are cancelled then.
    erase_tells = models.BooleanField(default=True, db_default=True, editable=False)
    # When a worker began, and when the admins were told how it ended.
    erase_began_at = models.DateTimeField(null=True, blank=True, editable=False)
    erase_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("organization"), _("organizations")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_closed(self) -> bool:
        """Whether its deletion has begun: nobody gets in any more."""
        return self.erase_at is not None and self.erase_at <= timezone.now()


class Membership(models.Model):
    """A user in an organization, with a role and working hours."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Admin")
        RECRUITER = "recruiter", _("Recruiter")
        COORDINATOR = "coordinator", _("Coordinator")
        INTERVIEWER = "interviewer", _("Interviewer")
        READ_ONLY = "read_only", _("Read only")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("organization")
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    work_from = models.TimeField(_("works from"), default=time(9))
    work_until = models.TimeField(_("works until"), default=time(17))
    work_days = models.CharField(
        _("working days"), max_length=7, default="12345", help_text=_("ISO week days, 1 is Monday.")
    )
    #: A place of `public_holidays`, or its NONE; "": as the organization.
    holidays_of = models.CharField(_("public holidays of"), max_length=32, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("membership"), _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_unique"),
            models.CheckConstraint(
                condition=models.Q(role__in=["admin", "recruiter", "coordinator", "interviewer", "read_only"]),
                name="membership_role_known",
            ),
        ]
        ordering = ["user__search_key", "id"]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN


class DayOff(models.Model):
    """A whole day, in the member's time zone, on which they are not available."""

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="days_off", verbose_name=_("membership")
    )
    day = models.DateField(_("day"))
    note = LineColumn(_("note"), max_length=120, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("day off"), _("days off")
        constraints = [models.UniqueConstraint(fields=["membership", "day"], name="day_off_unique")]
        ordering = ["day", "id"]

    def __str__(self) -> str:
        return f"{self.day}"
