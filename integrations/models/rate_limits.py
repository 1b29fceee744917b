"""The rate limit of one vendor's credentials, for all processes together."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RateLimited(models.Model):
    """The next free slot of each kind of request, in the row. `integrations.rate_limit` takes them.

    Rows with the very same credentials (two organizations of one company) have the same `budget`, and keep theirs
    together; empty: nobody to share with. Ceilings are those that the vendor's own limits name.
    """

    budget = models.CharField(max_length=64, blank=True, default="", editable=False, db_index=True)
    write_ceiling = models.FloatField(_("changes per second"), default=5)
    read_ceiling = models.FloatField(_("look-ups per second"), default=10)
    write_rate = models.FloatField(_("changes per second now"), default=5, editable=False)
    read_rate = models.FloatField(_("look-ups per second now"), default=10, editable=False)
    next_write_at = models.DateTimeField(default=timezone.now, editable=False)
    next_read_at = models.DateTimeField(default=timezone.now, editable=False)
    throttled_at = models.DateTimeField(_("slowed down"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True
