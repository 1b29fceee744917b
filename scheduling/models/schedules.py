"""Candidates, schedules, and the interviews in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from jobs.models import InterviewKind, Job, PlanInterview, Stage
from organizations.fields import AddressColumn, LineColumn, PhoneColumn
from organizations.models import Membership, Organization, validate_time_zone
from organizations.search import Searchable, SearchKeyField
from organizations.web_addresses import is_link
from scheduling.models.rooms import Room
from scheduling.models.schedule_states import ShownState, state_at


class KeptBecause(models.TextChoices):
    """Why a candidate is kept for longer than the organization keeps others: a code, no words about a person."""

    AGREED = "agreed", _("They agreed to it")
    HIRED = "hired", _("They were hired")
    LATER = "later", _("Considered for another job")
    LEGAL = "legal", _("Needed for a legal claim")


class Candidate(Searchable):
    """A person who is interviewed. The e-mail address may be missing, and two people may share one."""

    has_search_index = True

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="candidates",
        db_index=False,  # indexes below begin with it
        verbose_name=_("organization"),
    )
    name = LineColumn(_("name"), max_length=150)
    email = AddressColumn(_("e-mail"), max_length=254, blank=True)
    search_key = SearchKeyField("name", "email")
    phone = PhoneColumn(_("phone"), max_length=40, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    job = models.ForeignKey(
        Job,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="candidates",
        verbose_name=_("job"),
    )
    stage = models.ForeignKey(
        Stage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="candidates",
        verbose_name=_("stage"),
    )
    # Retention leaves them alone: until this day, or for good (`erasure.retention`).
    kept_because = models.CharField(
        _("kept because"), max_length=16, choices=KeptBecause.choices, blank=True, default="", editable=False
    )
    kept_until = models.DateField(_("kept until"), null=True, blank=True, editable=False)
    # Deletion was asked for, and waits for cancellations that are on their way (`erasure.services`).
    erase_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    erase_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("candidate"), _("candidates")
        indexes = [
            models.Index(fields=["organization", "search_key", "id"], name="candidate_by_name"),
            models.Index(fields=["organization", "id"], name="candidate_by_age"),
            models.Index(fields=["organization", "created_at"], name="candidate_by_day"),
            models.Index(fields=["organization", "job", "id"], name="candidate_by_job"),
            models.Index(fields=["organization", "job", "search_key", "id"], name="candidate_of_job"),
            models.Index("organization", Lower("email"), name="candidate_email"),
            models.Index(
                fields=["organization", "search_key", "id"],
                condition=models.Q(kept_because__gt=""),
                name="candidate_kept",
            ),
            models.Index(
                fields=["erase_asked_at"], condition=models.Q(erase_asked_at__isnull=False), name="candidate_erasure"
            ),
        ]
        ordering = ["search_key", "id"]

    def __str__(self) -> str:
        return self.name


class Schedule(models.Model):
    """One scheduled loop: a candidate, a stage, and concrete interviews."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        CANCELLED = "cancelled", _("Cancelled")

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="schedules",
        db_index=False,  # indexes below begin with it
        verbose_name=_("organization"),
    )
    candidate = models.ForeignKey(
        Candidate, on_delete=models.CASCADE, related_name="schedules", verbose_name=_("candidate")
    )
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="schedules", verbose_name=_("job"))
    stage = models.ForeignKey(
        Stage, on_delete=models.SET_NULL, null=True, related_name="schedules", verbose_name=_("stage")
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.SCHEDULED)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    # Denormalised for the list: when its first and last interviews that are not cancelled start and end.
    first_starts_at = models.DateTimeField(_("first interview"), null=True, blank=True)
    last_ends_at = models.DateTimeField(_("last interview ends"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("schedule"), _("schedules")
        indexes = [
            models.Index(fields=["organization", "first_starts_at", "id", "last_ends_at"], name="schedule_by_time"),
            models.Index(fields=["organization", "candidate"], name="schedule_of_candidate"),
            models.Index(fields=["organization", "last_ends_at", "state"], name="schedule_by_end"),
            models.Index(fields=["organization", "job", "first_starts_at", "id"], name="schedule_by_job"),
        ]
        ordering = [models.F("first_starts_at").desc(nulls_last=True), "-id"]

    def __str__(self) -> str:
        return f"{self.candidate}"

    @property
    def shown_state(self) -> ShownState:
        return state_at(
            timezone.now(),
            cancelled=self.state == self.State.CANCELLED,
            starts_at=self.first_starts_at,
            ends_at=self.last_ends_at,
        )


class Interview(models.Model):
    """One concrete interview. `starts_at` and `ends_at` are aware, in UTC in the database."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        CANCELLED = "cancelled", _("Cancelled")

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="interviews",
        db_index=False,  # indexes below begin with it
        verbose_name=_("organization"),
    )
    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="interviews", verbose_name=_("schedule")
    )
    plan_interview = models.ForeignKey(
        PlanInterview,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("interview in the plan"),
    )
    # The kind of coding tool whose link it gets, "" for none; null: as `plan_interview` says.
    link_tool = models.CharField(_("coding link"), max_length=32, null=True, blank=True)  # noqa: DJ001 - null differs
    position = models.PositiveSmallIntegerField(default=0)
    name = LineColumn(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=InterviewKind.choices, default=InterviewKind.VIDEO)
    place = LineColumn(_("meeting address or place"), max_length=500, blank=True)
    # The kind of video call (`integrations.meetings`); "": `place` says where.
    meeting = models.CharField(_("video call"), max_length=32, blank=True, default="", db_default="")
    # Made with the event of one interviewer (`calendar_events.meetings`): the address, why there is none, and which one
    # it is. The number rises when another one takes its place.
    meeting_url = models.CharField(
        _("address of the video call"), max_length=1000, blank=True, default="", db_default=""
    )
    meeting_problem = models.CharField(_("problem"), max_length=60, blank=True, default="", db_default="")
    meeting_number = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    room = models.ForeignKey(
        Room,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="interviews",
        db_index=False,  # an index below begins with it
        verbose_name=_("room"),
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.SCHEDULED)
    interviewers = models.ManyToManyField(Membership, through="InterviewerAssignment", related_name="interviews")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("interview"), _("interviews")
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="interview_ends_later")
        ]
        indexes = [
            models.Index(fields=["organization", "starts_at"], name="interview_when"),
            models.Index(fields=["organization", "schedule", "starts_at"], name="interview_of_schedule"),
            models.Index(
                fields=["room", "starts_at"], condition=models.Q(room__isnull=False), name="interview_in_room"
            ),
        ]
        ordering = ["starts_at", "position", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def minutes(self) -> int:
        return round((self.ends_at - self.starts_at).total_seconds() / 60)

    @property
    def where(self) -> str:
        """Where people go: the room, with a place beside it that is no link; without a room, the place. Wants `room`
        joined in."""
        if self.room is None:
            return self.place
        beside = "" if is_link(self.place) else self.place
        return " · ".join(part for part in (self.room.where, beside) if part)

    @cached_property
    def assigned(self) -> list[InterviewerAssignment]:
        """Its interviewers, as they were when first asked for. Lists prefetch into it: `to_attr="assigned"`."""
        return list(self.assignments.all())

    @property
    def is_cancelled(self) -> bool:
        return self.state == self.State.CANCELLED

    @property
    def asked_tool(self) -> str:
        """The kind of coding tool whose link it gets, "" for none. Wants `plan_interview` joined in."""
        if self.link_tool is not None:
            return self.link_tool
        return self.plan_interview.link_tool if self.plan_interview is not None else ""

    @property
    def link_template(self) -> tuple[str, str, bool]:
        """Id and name of the tool's template that its plan names, and whether no other may be chosen."""
        plan = self.plan_interview
        if plan is None or plan.link_tool not in {"", self.asked_tool}:
            return "", "", False
        return plan.template_id, plan.template_name, plan.template_locked

    @staticmethod
    def asks_for(tool: str) -> models.Q:
        """Return the condition that `asked_tool` is this one."""
        return models.Q(link_tool=tool) | models.Q(link_tool__isnull=True, plan_interview__link_tool=tool)


class InterviewerAssignment(models.Model):
    """One person who interviews in one interview."""

    interview = models.ForeignKey(
        Interview, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("interview")
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("membership")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("interviewer assignment"), _("interviewer assignments")
        constraints = [
            models.UniqueConstraint(fields=["interview", "membership"], name="one_assignment_per_interviewer")
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.membership}"
