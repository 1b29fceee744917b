"""Servers for video calls that organizations run themselves."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.fields import LineColumn
from organizations.models import Organization
from organizations.secret_fields import SecretTextField


class MeetingServer(models.Model):
    """An organization's server for video calls. `secret` signs tokens at the moment of a click; empty: none asked for.

    `host` is a web address without a slash at its end.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="meeting_servers",
        db_index=False,  # the constraint's index begins with it
        verbose_name=_("organization"),
    )
    kind = models.CharField(_("kind"), max_length=32)
    host = LineColumn(_("address"), max_length=300)
    app_id = LineColumn(_("app ID"), max_length=200, blank=True, default="")
    secret = SecretTextField(_("app secret"), blank=True, default="", editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("video call server"), _("video call servers")
        constraints = [models.UniqueConstraint(fields=["organization", "kind"], name="meeting_server_one_of_a_kind")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.host}"
