"""Rooms that a calendar vendor lists, and which of them interviews may be booked in."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import CalendarConnection
from organizations.fields import LineColumn
from organizations.models import Organization


class Room(models.Model):
    """A room of the organization, as its vendor lists it. Interviews are booked in those that are switched on.

    The row stays when the vendor lists the room no more (`missing_since`): interviews may still name it.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="rooms", verbose_name=_("organization")
    )
    connection = models.ForeignKey(
        CalendarConnection, on_delete=models.CASCADE, related_name="rooms", verbose_name=_("calendar connection")
    )
    # The address by which the vendor books it: `integrations.calendars.CalendarRef`.
    external_id = models.CharField(_("id at the vendor"), max_length=600)
    name = LineColumn(_("name"), max_length=200)
    # 0: the vendor does not say.
    capacity = models.PositiveIntegerField(_("seats"), default=0)
    location = LineColumn(_("place"), max_length=200, blank=True, default="")
    is_on = models.BooleanField(_("can be booked"), default=False)
    missing_since = models.DateTimeField(_("not listed since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("room"), _("rooms")
        constraints = [models.UniqueConstraint(fields=["connection", "external_id"], name="room_unique")]
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def where(self) -> str:
        """Its name, and its place where that is known: `Aurora, Building 1, floor 2`."""
        return ", ".join(part for part in (self.name, self.location) if part)

    @property
    def is_available(self) -> bool:
        """Whether it can be booked now. Wants the connection joined in."""
        return self.is_on and self.missing_since is None and self.connection.is_connected
