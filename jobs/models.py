"""Jobs, their stages, and the interview plan of each stage."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.fields import LineColumn
from organizations.models import MOST_BUFFER, Invitation, Membership, Organization
from organizations.search import Searchable, SearchKeyField


class Job(Searchable):
    """A position that an organization interviews for."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="jobs", verbose_name=_("organization")
    )
    title = LineColumn(_("title"), max_length=200)
    location = LineColumn(_("location"), max_length=120, blank=True)
    search_key = SearchKeyField("title", "location")
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("job"), _("jobs")
        indexes = [models.Index(fields=["organization", "search_key", "id"], name="job_by_title")]
        ordering = ["search_key", "id"]

    def __str__(self) -> str:
        return self.title


class Stage(models.Model):
    """A step in the process of a job."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="stages", verbose_name=_("job"))
    name = LineColumn(_("name"), max_length=120)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("stage"), _("stages")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class InterviewPlan(models.Model):
    """The interviews of a stage, in order."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    stage = models.OneToOneField(Stage, on_delete=models.CASCADE, related_name="plan", verbose_name=_("stage"))

    class Meta:
        verbose_name, verbose_name_plural = _("interview plan"), _("interview plans")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.stage}"


class InterviewKind(models.TextChoices):
    """How people meet."""

    VIDEO = "video", _("Video call")
    PHONE = "phone", _("Phone")
    ON_SITE = "on_site", _("On site")


class PlanInterview(models.Model):
    """An interview of a plan. `link_tool` is the kind of coding tool whose link it gets by default, "" for none.

    `meeting` is the kind of video call (`integrations.meetings`); "": `place` says where, and may be empty, too.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    plan = models.ForeignKey(InterviewPlan, on_delete=models.CASCADE, related_name="interviews", verbose_name=_("plan"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    name = LineColumn(_("name"), max_length=120)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=60, validators=[MinValueValidator(5), MaxValueValidator(600)]
    )
    interviewer_count = models.PositiveSmallIntegerField(
        _("number of interviewers"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    kind = models.CharField(_("kind"), max_length=16, choices=InterviewKind.choices, default=InterviewKind.VIDEO)
    #: When it may be, by clocks in a schedule's zone: ISO week days, "" for all of them; and hours, null for any.
    hours_days = models.CharField(_("days of the week"), max_length=7, blank=True, default="", db_default="")
    hours_from = models.TimeField(_("not before"), null=True, blank=True)
    hours_until = models.TimeField(_("not after"), null=True, blank=True)
    #: Minutes that its interviewers have before and after it; null: as the organization says.
    buffer_before = models.PositiveSmallIntegerField(
        _("minutes before"), null=True, blank=True, validators=[MaxValueValidator(MOST_BUFFER)]
    )
    buffer_after = models.PositiveSmallIntegerField(
        _("minutes after"), null=True, blank=True, validators=[MaxValueValidator(MOST_BUFFER)]
    )
    meeting = models.CharField(_("video call"), max_length=32, blank=True, default="", db_default="")
    place = LineColumn(_("meeting address or place"), max_length=500, blank=True, default="", db_default="")
    link_tool = models.CharField(_("coding link by default"), max_length=32, blank=True, default="")
    template_id = models.CharField(_("template"), max_length=120, blank=True, default="")
    template_name = models.CharField(_("template"), max_length=200, blank=True, default="")
    template_locked = models.BooleanField(_("template locked"), default=False)
    needs_room = models.BooleanField(_("needs a room"), default=False, db_default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("interview in a plan"), _("interviews in plans")
        constraints = [
            models.CheckConstraint(condition=models.Q(minutes__gte=5, minutes__lte=600), name="plan_interview_minutes"),
            models.CheckConstraint(
                condition=models.Q(interviewer_count__gte=1, interviewer_count__lte=12),
                name="plan_interview_interviewers",
            ),
        ]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class JobCoordinator(models.Model):
    """A job that a member with the role Coordinator is assigned to, or that an invited one will be."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="coordinators", verbose_name=_("job"))
    membership = models.ForeignKey(
        Membership,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="coordinated_jobs",
        verbose_name=_("membership"),
    )
    invitation = models.ForeignKey(
        Invitation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="coordinated_jobs",
        verbose_name=_("invitation"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("job of a coordinator"), _("jobs of coordinators")
        constraints = [
            models.UniqueConstraint(fields=["membership", "job"], name="job_coordinator_unique"),
            models.UniqueConstraint(fields=["invitation", "job"], name="job_coordinator_invited_once"),
            models.CheckConstraint(
                condition=models.Q(membership__isnull=False, invitation__isnull=True)
                | models.Q(membership__isnull=True, invitation__isnull=False),
                name="job_coordinator_is_or_is_invited",
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.job}"
