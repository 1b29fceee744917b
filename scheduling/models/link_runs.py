"""Runs that add the missing coding links of a job's upcoming interviews, and what came of each interview in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from organizations.models import Organization
from scheduling.models.coding_links import CodingLink
from scheduling.models.schedules import Interview

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class RunState(models.TextChoices):
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    CANCELLED = "cancelled", _("Cancelled")
    DONE = "done", _("Finished")


#: A job has at most one run in these states.
OPEN = ["running", "paused"]


class Skipped(models.TextChoices):
    """Why a run adds no link to an interview. The labels stand alone, without the tool's name."""

    CANCELLED = "cancelled", _("Interview cancelled")
    HAS_LINK = "has_link", _("Has a link already")
    REMOVED = "removed", _("Link removed by someone")
    NO_TEMPLATE = "no_template", _("Template no longer exists")
    NOT_CONNECTED = "not_connected", _("Coding tool not connected")
    CHANGED = "changed", _("Changed during the run")


class LinkRun(models.Model):
    """One order to add the links that upcoming interviews of a job lack.

    The run requests links a few at a time (`coding_links.runs`), so that the queue of the key never holds all of them.
    It keeps nothing about candidates: its items point at interviews, and go with them.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="link_runs", verbose_name=_("organization")
    )
    job = models.ForeignKey(
        Job, on_delete=models.CASCADE, related_name="link_runs", db_index=False, verbose_name=_("job")
    )
    state = models.CharField(_("state"), max_length=16, choices=RunState.choices, default=RunState.RUNNING)
    # Set where the run paused without a person; the code is one of `coding_links.runs`.
    paused_because = models.CharField(_("paused because"), max_length=30, blank=True, default="", editable=False)
    # Links to add, as counted at the start.
    total = models.PositiveIntegerField(_("links to add"), default=0)
    # Interviews made after the start are left to their plan: those with a higher id.
    last_interview = models.BigIntegerField(_("newest interview at the start"), default=0, editable=False)
    # Failures up to this item were seen by the person who let the run go on.
    judged_until = models.BigIntegerField(_("failures seen up to item"), default=0, editable=False)
    # When a worker is to go on, empty: never. One that is at it pushes it forward by a lease.
    due_at = models.DateTimeField(_("due"), null=True, blank=True, default=timezone.now, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    created_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("run of coding links"), _("runs of coding links")
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=Q(state__in=["running", "paused"]), name="link_run_one_open_per_job"
            ),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="link_run_state_known"),
        ]
        indexes = [
            models.Index(fields=["job", "id"], name="link_run_of_job"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="link_run_due"),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def state_label(self) -> StrOrPromise:
        return RunState(self.state).label


class LinkRunItem(models.Model):
    """One interview in a run: the link that it got, or why it got none.

    Neither: its link's row is gone, because the candidate was deleted at the vendor.
    """

    run = models.ForeignKey(
        LinkRun, on_delete=models.CASCADE, related_name="items", db_index=False, verbose_name=_("run of coding links")
    )
    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="+", verbose_name=_("interview"))
    link = models.ForeignKey(
        CodingLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("coding link")
    )
    skipped = models.CharField(_("skipped"), max_length=16, choices=Skipped.choices, blank=True, default="")

    class Meta:
        verbose_name, verbose_name_plural = _("interview in a run"), _("interviews in runs")
        constraints = [models.UniqueConstraint(fields=["run", "interview"], name="link_run_item_once")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}"
