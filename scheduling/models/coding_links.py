"""The coding link of an interview: the request, the queue and the truth in one row, and its history."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import Integration
from organizations.models import Organization
from scheduling.models.schedules import Candidate, Interview


class LinkState(models.TextChoices):
    """The stages of a link's life: `docs/architecture.md` has the diagram."""

    PENDING = "pending", _("Generating")
    CREATING = "creating", _("Generating")
    UNKNOWN = "unknown", _("Checking")
    FAILED = "failed", _("Action needed")
    READY = "ready", _("Ready")
    ACTIVE = "active", _("In progress")
    FINISHED = "finished", _("Finished")
    CANCELLING = "cancelling", _("Removing")
    CANCELLED = "cancelled", _("Removed")
    EXPIRED = "expired", _("Expired")


# An interview has at most one link in these states, whichever tool makes it.
LIVE = ["pending", "creating", "unknown", "failed", "ready", "active"]
# The vendor has it and it can be used (or has been).
USABLE = ["ready", "active", "finished"]
# An interview with one in these states has a coding link, or had one: used, or unused until it was over.
HAD = [*LIVE, "finished", "expired"]
# A create for this candidate may be on its way: nobody else may start one. Once a person has to choose, nothing
# can come of it any more.
IN_FLIGHT = Q(state="creating") | (Q(state="unknown") & ~Q(problem_code="ambiguous"))


# Priorities of rows that wait. Smaller goes first: a person's click overtakes what was asked for in bulk.
CLICK, BULK = 1, 5


class CodingLink(models.Model):
    """The vendor's live interview that belongs to one interview.

    Only `scheduling.coding_links` writes here. `candidate_key` names the candidate as the vendor tells them apart (the
    address in small letters, or "-" for all who have none): of one key, one creation runs at a time, which the database
    enforces.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="coding_links",
        db_index=False,  # indexes below begin with it
        verbose_name=_("organization"),
    )
    integration = models.ForeignKey(
        Integration, on_delete=models.RESTRICT, related_name="coding_links", verbose_name=_("integration")
    )
    # Empty once the interview is deleted: the vendor's side still has to be cleaned up.
    interview = models.ForeignKey(
        Interview, on_delete=models.SET_NULL, null=True, related_name="coding_links", verbose_name=_("interview")
    )
    # Stays when the interview is deleted: whatever was made for a person is found when they are erased.
    candidate = models.ForeignKey(
        Candidate,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="coding_links",
        verbose_name=_("candidate"),
    )
    state = models.CharField(_("state"), max_length=16, choices=LinkState.choices, default=LinkState.PENDING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    by_default = models.BooleanField(_("made by default"), default=False)
    priority = models.PositiveSmallIntegerField(_("priority"), default=BULK)

    # Sent to the vendor, or to be sent.
    candidate_key = models.CharField(max_length=260, editable=False)
    candidate_name = models.CharField(_("candidate"), max_length=150, blank=True)
    candidate_email = models.CharField(_("candidate's e-mail"), max_length=254, blank=True)
    template_id = models.CharField(max_length=120, blank=True)
    template_name = models.CharField(_("template"), max_length=200, blank=True)
    template_locked = models.BooleanField(_("template locked"), default=False)

    # The row's own timer: when something has to be done for it next, whatever its state; empty: nothing. A claim pushes
    # it forward by a lease, so that a crash brings it back.
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True, default=timezone.now)
    not_before = models.DateTimeField(_("generated from"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Whose turn it is: what a worker was given when it claimed the row. Without `claimed_at` the row is claimed for a
    # worker that its message has not reached yet.
    claim = models.CharField(max_length=32, blank=True, default="", editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What the vendor had for this candidate before our create: [external id, ...]. None: the create
    # has not been sent yet.
    known_ids = models.JSONField(null=True, blank=True, editable=False)
    known_complete = models.BooleanField(default=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    # After a lost answer that can't be settled: what may be ours, for a person to choose. [{id, url}, ...]
    choices = models.JSONField(default=list, blank=True, editable=False)
    # Asked for while a create was on its way, or an edit that the vendor still has to hear of.
    cancel_asked = models.BooleanField(_("removal requested"), default=False)
    edit_due = models.BooleanField(_("change to be sent"), default=False)
    # Set when the candidate is erased: the row goes once the vendor has nothing of it (`coding_links.erasure`).
    erase_asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    external_id = models.CharField(_("id at the vendor"), max_length=120, blank=True, default="")
    url = models.URLField(_("link"), max_length=600, blank=True, default="")
    company_id = models.CharField(max_length=120, blank=True, default="", editable=False)
    ready_at = models.DateTimeField(_("made"), null=True, blank=True)
    expires_at = models.DateTimeField(_("works until"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    feedback = models.JSONField(_("feedback"), default=list, blank=True)

    problem_code = models.CharField(_("problem code"), max_length=60, blank=True, default="")
    # What `problems` makes the sentence of.
    problem_params = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("coding link"), _("coding links")
        constraints = [
            models.UniqueConstraint(
                fields=["interview"], condition=Q(state__in=LIVE), name="link_one_live_per_interview"
            ),
            models.UniqueConstraint(
                fields=["integration", "candidate_key"],
                condition=IN_FLIGHT,
                name="link_one_create_per_candidate",
            ),
            models.UniqueConstraint(
                fields=["integration", "external_id"],
                condition=~Q(external_id=""),
                name="link_external_id_unique",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=USABLE) | (~Q(url="") & ~Q(external_id="")), name="link_usable_has_url"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["pending", "creating", "unknown"]) | Q(external_id=""),
                name="link_waiting_has_no_external_id",
            ),
            models.CheckConstraint(condition=Q(state__in=LinkState.values), name="link_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["integration", "priority", "next_attempt_at", "id"],
                condition=Q(next_attempt_at__isnull=False),
                name="link_queue",
            ),
            models.Index(fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="link_due"),
            models.Index(fields=["integration", "candidate_key"], name="link_candidate_key"),
            models.Index(fields=["integration"], condition=~Q(claim=""), name="link_claimed"),
            models.Index(fields=["organization", "state"], name="link_organization"),
            models.Index(fields=["organization", "interview"], name="link_of_interview"),
            # For all organizations together: what `/metrics` counts.
            models.Index(fields=["state", "id"], name="link_by_state"),
            models.Index(
                fields=["organization", "id"],
                condition=Q(state__in=["failed", "unknown", "cancelling"]),
                name="link_trouble",
            ),
            models.Index(fields=["organization", "id"], condition=Q(erase_asked_at__isnull=False), name="link_erasure"),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk} ({self.get_state_display()})"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_usable(self) -> bool:
        return self.state in USABLE

    @property
    def is_elsewhere(self) -> bool:
        """Whether it was made, or requested, at another company of the vendor's than the key of today is for."""
        return bool(self.company_id and self.integration.company_id and self.company_id != self.integration.company_id)

    @property
    def is_too_early(self) -> bool:
        """Whether it is too early: made now, it would have expired when it is needed."""
        return self.state == LinkState.PENDING and self.not_before is not None and self.not_before > timezone.now()

    @property
    def needs_a_person(self) -> bool:
        """Whether only a person can go on: it was refused for good, or which one is the link's can't be told."""
        return self.state == LinkState.FAILED or (self.state == LinkState.UNKNOWN and self.problem_code == "ambiguous")


class LinkEvent(models.Model):
    """One transition of a link, written in the same transaction. Never changed."""

    link = models.ForeignKey(CodingLink, on_delete=models.CASCADE, related_name="events", verbose_name=_("link"))
    from_state = models.CharField(_("from"), max_length=16, choices=LinkState.choices, blank=True)
    to_state = models.CharField(_("to"), max_length=16, choices=LinkState.choices)
    code = models.CharField(_("code"), max_length=60)
    # `because`: a code that says why, with its parameters. Lines from before codes have a sentence, `text`.
    params = models.JSONField(_("details"), default=dict, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("step of a coding link"), _("steps of coding links")
        indexes = [models.Index(fields=["link", "id"], name="link_event_of")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            self._refuse()
        super().save(*args, **kwargs)

    def _refuse(self) -> NoReturn:
        raise TypeError("History is not rewritten.")


class VendorSnapshot(models.Model):
    """The interviews that the vendor had for one candidate at one moment, to be compared after a lost answer."""

    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="+", verbose_name=_("integration")
    )
    candidate_key = models.CharField(_("candidate key"), max_length=260)
    external_ids = models.JSONField(_("ids at the tool"), default=list)
    complete = models.BooleanField(_("complete"), default=True)
    taken_at = models.DateTimeField(_("looked up"))

    class Meta:
        verbose_name, verbose_name_plural = _("look-up at a coding tool"), _("look-ups at coding tools")
        constraints = [models.UniqueConstraint(fields=["integration", "candidate_key"], name="vendor_snapshot_unique")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}"


class VendorEvent(models.Model):
    """An inbound event, stored before it is answered. Its payload is not: only which link to fetch."""

    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="vendor_events", verbose_name=_("integration")
    )
    event = models.CharField(_("event"), max_length=60)
    external_id = models.CharField(_("id at the tool"), max_length=120, blank=True)
    triggered_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    trusted = models.BooleanField(_("signature is right"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("webhook event"), _("webhook events")
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "event", "external_id", "triggered_at"],
                condition=Q(trusted=True),
                name="vendor_event_once",
            )
        ]
        indexes = [models.Index(fields=["integration", "-id"], name="vendor_event_latest")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
