"""Connections to people's calendars."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.rate_limits import RateLimited
from organizations.models import Membership, Organization
from organizations.secret_fields import SecretTextField


class CalendarConnection(RateLimited):
    """Credentials for calendars: a whole organization's, or one member's own. The row stays when disconnected, but not
    when its member leaves.

    `credentials` is a JSON object whose members only the vendor's folder knows; it is empty when disconnected.
    """

    class State(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        PAUSED = "paused", _("Paused")
        DISCONNECTED = "disconnected", _("Not connected")

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="calendar_connections",
        verbose_name=_("organization"),
    )
    kind = models.CharField(_("kind"), max_length=32)
    # Empty: it serves everybody in the organization.
    membership = models.ForeignKey(
        Membership,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="calendar_connections",
        verbose_name=_("member"),
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DISCONNECTED)
    credentials = SecretTextField(_("credentials"), blank=True, default="", editable=False)
    credentials_version = models.PositiveIntegerField(_("version of the credentials"), default=0, editable=False)
    account_id = models.CharField(_("account id"), max_length=200, blank=True, default="")
    account_name = models.CharField(_("account"), max_length=254, blank=True, default="")
    permissions = models.JSONField(_("permissions found"), default=dict, blank=True)
    # What was typed beside the secrets, to be shown when the credentials are replaced: no secret is in it.
    entered = models.JSONField(default=dict, blank=True, editable=False)
    # One person's calendars as last found: `id`, `name`, `owner`, `is_main` and `can_write` of each.
    found = models.JSONField(default=list, blank=True, editable=False)
    # The day on which the vendor lets the secret expire, as the admin entered it.
    expires_on = models.DateField(_("secret expires"), null=True, blank=True)
    connected_at = models.DateTimeField(_("connected"), null=True, blank=True)
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("connected by"),
    )
    checked_at = models.DateTimeField(_("last checked"), null=True, blank=True)
    # Asked for, and ended, whatever came of it. A check that reached nobody leaves its own problem, and no pause.
    check_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    check_tried_at = models.DateTimeField(null=True, blank=True, editable=False)
    check_problem_code = models.CharField(max_length=60, blank=True, default="", editable=False)
    check_problem_params = models.JSONField(default=dict, blank=True, editable=False)
    # Disconnected, and the vendor is still to be asked to remove events, end watches and revoke the credentials: these
    # are kept until then.
    revoke_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Its member has left: it is kept, without them, until the vendor has ended it (`calendar_connections`).
    left_at = models.DateTimeField(_("member left"), null=True, blank=True, editable=False)
    # Disconnected, and these are still to be ended at the vendor: `calendar`, `id` and `resource` of each.
    watches = models.JSONField(default=list, blank=True, db_default=[], editable=False)
    resumed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # `integrations.error_texts` makes a sentence of these two, for whoever reads it.
    problem_code = models.CharField(_("problem"), max_length=60, blank=True, default="")
    problem_params = models.JSONField(default=dict, blank=True)
    problem_since = models.DateTimeField(_("problem since"), null=True, blank=True)
    problem_mailed_at = models.DateTimeField(_("people told"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("calendar connection"), _("calendar connections")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind"],
                condition=models.Q(membership__isnull=True, left_at__isnull=True),
                name="calendar_connection_for_all",
            ),
            models.UniqueConstraint(
                fields=["membership", "kind", "account_id"],
                condition=models.Q(membership__isnull=False),
                name="calendar_connection_of_member",
            ),
            models.CheckConstraint(
                condition=models.Q(write_ceiling__gt=0, read_ceiling__gt=0, write_rate__gt=0, read_rate__gt=0),
                name="calendar_connection_rates_positive",
            ),
        ]
        ordering = ["kind", "id"]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_state_display()})"

    @property
    def is_connected(self) -> bool:
        """Credentials are stored. It may be paused: then nothing is read or written until they work again."""
        return self.state in {self.State.CONNECTED, self.State.PAUSED}

    @property
    def can_remove(self) -> bool:
        """Events can be removed with it: also after a disconnect, as long as the credentials are kept for that."""
        return self.is_connected or (self.revoke_until is not None and bool(self.credentials))


class CalendarCheck(models.Model):
    """Entered credentials that are being checked. Nothing is saved on a connection before they have passed.

    The credentials leave this row as soon as the check is over, however it ends.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Checking")
        PASSED = "passed", _("Connected")
        FAILED = "failed", _("Not accepted")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("member")
    )
    kind = models.CharField(_("kind"), max_length=32)
    credentials = SecretTextField(_("credentials"), blank=True, default="", editable=False)
    entered = models.JSONField(default=dict, blank=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("entered by")
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    problem_code = models.CharField(_("problem"), max_length=60, blank=True, default="")
    problem_params = models.JSONField(default=dict, blank=True)
    connection = models.ForeignKey(
        CalendarConnection,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("calendar connection"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # Asked for (again), and started by a worker: the page tells a slow vendor from background work that is off.
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("check of a calendar"), _("checks of calendars")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_state_display()})"
