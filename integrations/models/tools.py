"""An organization's connection to one coding tool."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.rate_limits import RateLimited
from organizations.models import Organization
from organizations.secret_fields import SecretTextField


def new_webhook_token() -> str:
    """The unguessable part of the inbound address: 32 characters."""
    return secrets.token_urlsafe(24)


def hash_of_webhook_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_webhook_secret() -> str:
    """The key that signs inbound events: 43 characters."""
    return secrets.token_urlsafe(32)


class Integration(RateLimited):
    """One vendor, one key, its health and its rate limit. The row stays when disconnected: links refer to it."""

    class State(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        PAUSED = "paused", _("Paused")
        DISCONNECTED = "disconnected", _("Not connected")

    class KeyOwnerKind(models.TextChoices):
        UNKNOWN = "", _("Unknown")
        SYSTEM = "system", _("A system account")
        PERSON = "person", _("A person's account")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="integrations", verbose_name=_("organization")
    )
    kind = models.CharField(_("kind"), max_length=32)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DISCONNECTED)

    api_key = SecretTextField(_("API key"), blank=True, default="", editable=False)
    key_last4 = models.CharField(_("key ends in"), max_length=4, blank=True)
    key_version = models.PositiveIntegerField(_("version of the key"), default=0, editable=False)
    key_owner_kind = models.CharField(
        _("owner of the key"),
        max_length=16,
        choices=KeyOwnerKind.choices,
        blank=True,
        default=KeyOwnerKind.UNKNOWN,
    )
    key_owner = models.CharField(_("whose account"), max_length=200, blank=True)

    company_id = models.CharField(_("company id"), max_length=120, blank=True)
    company_name = models.CharField(_("company"), max_length=200, blank=True)
    permissions = models.JSONField(_("permissions found"), default=dict, blank=True)
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
    # A check that runs in the background: asked for at, so that the page can show it until `checked_at` is later.
    check_asked_at = models.DateTimeField(_("check requested"), null=True, blank=True, editable=False)
    # The last check that ended, whatever its end; `checked_at` is the last one that the vendor answered.
    check_tried_at = models.DateTimeField(_("last check ended"), null=True, blank=True, editable=False)
    check_problem_code = models.CharField(
        _("problem of the last check"), max_length=60, blank=True, default="", editable=False
    )
    check_problem_params = models.JSONField(default=dict, blank=True, editable=False)
    resumed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A disconnected integration keeps its key until its links are removed at the vendor, and no longer than this.
    forget_key_at = models.DateTimeField(null=True, blank=True, editable=False)
    # `error_texts` makes a sentence of these two, for whoever reads it.
    problem_code = models.CharField(_("problem"), max_length=60, blank=True)
    problem_params = models.JSONField(default=dict, blank=True)
    problem_since = models.DateTimeField(_("problem since"), null=True, blank=True)
    problem_mailed_at = models.DateTimeField(_("admins told"), null=True, blank=True, editable=False)

    # The vendor's templates as last read, [{"id", "name", "default"}, ...]: pages show these and never wait.
    templates = models.JSONField(default=list, blank=True, editable=False)
    templates_fetched_at = models.DateTimeField(_("templates read"), null=True, blank=True, editable=False)
    templates_asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Interviews that were there before the connection are looked through for links that their plans ask for when this
    # is due; empty: that is done.
    default_links_due_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Made with the row. Inbound events are looked up by the hash; a page shows the address with the token.
    webhook_token = SecretTextField(blank=True, default="", editable=False)
    webhook_token_hash = models.CharField(max_length=64, unique=True, editable=False)
    webhook_secret = SecretTextField(default=new_webhook_secret, editable=False)
    webhook_seen_at = models.DateTimeField(_("last webhook event"), null=True, blank=True, editable=False)
    # The last event whose signature did not fit; empty again once one fits.
    webhook_refused_at = models.DateTimeField(_("last refused webhook event"), null=True, blank=True, editable=False)

    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("integration"), _("integrations")
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind"], name="integration_kind_unique"),
            models.CheckConstraint(
                condition=models.Q(write_ceiling__gt=0, read_ceiling__gt=0, write_rate__gt=0, read_rate__gt=0),
                name="integration_rates_positive",
            ),
        ]
        ordering = ["kind", "id"]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_state_display()})"

    def save(self, **options: Any) -> None:
        if self._state.adding and not self.webhook_token_hash:
            token = str(self.webhook_token) or new_webhook_token()
            self.webhook_token = token  # type: ignore[assignment]
            self.webhook_token_hash = hash_of_webhook_token(token)
        super().save(**options)

    @property
    def is_connected(self) -> bool:
        """A key is stored. It may be paused: then nothing is sent, but links may be asked for."""
        return self.state in {self.State.CONNECTED, self.State.PAUSED}


class IntegrationDay(models.Model):
    """The calls of an integration on one day of the organization's zone. `integrations.call_counts` writes it.

    `failures`: how many calls failed, by the error's code. `times`: how many answers took how long, by the bounds of
    `call_counts`.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("organization"),
    )
    integration = models.ForeignKey(
        Integration,
        on_delete=models.CASCADE,
        related_name="days",
        db_index=False,  # the constraint's index begins with it
        verbose_name=_("integration"),
    )
    day = models.DateField(_("day"))
    made = models.PositiveIntegerField(_("links created"), default=0)
    failures = models.JSONField(_("failed calls"), default=dict, blank=True)
    times = models.JSONField(_("answer times"), default=list, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("day of an integration"), _("days of integrations")
        constraints = [models.UniqueConstraint(fields=["integration", "day"], name="integration_day_once")]
        ordering = ["-day", "integration"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class KeyCheck(models.Model):
    """A pasted key that is being checked. Nothing is saved on the integration before it has passed.

    The key leaves this row as soon as the check is over, however it ends.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Checking")
        CONFIRM = "confirm", _("Another company's key")
        PASSED = "passed", _("Connected")
        FAILED = "failed", _("Not accepted")

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", verbose_name=_("organization")
    )
    kind = models.CharField(max_length=32)
    api_key = SecretTextField(blank=True, default="", editable=False)
    key_owner_kind = models.CharField(max_length=16, blank=True, default="")
    key_owner = models.CharField(max_length=200, blank=True, default="")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("entered by")
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    problem_code = models.CharField(max_length=60, blank=True, default="")
    problem_params = models.JSONField(default=dict, blank=True)
    # What the vendor said of the key: {permission name: verdict}, and whose it is.
    permissions = models.JSONField(_("permissions found"), default=dict, blank=True)
    company_id = models.CharField(max_length=120, blank=True, default="")
    company_name = models.CharField(_("company"), max_length=200, blank=True, default="")
    # The key is of another company than the links there are: it needs a second, knowing "yes".
    company_change_accepted = models.BooleanField(_("other company accepted"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # Asked for (again), and started by a worker: the page tells a slow vendor from background work that is off.
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("key check"), _("key checks")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_state_display()})"
