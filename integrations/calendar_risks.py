"""Warnings before a calendar connection stops working: a secret that expires, a person who left."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from integrations.calendar_texts import calendar_name
from integrations.models import CalendarConnection
from organizations.bidi import isolated
from organizations.models import Membership

#: A secret that expires within this time is warned of.
SOON = timedelta(days=30)


def risks_of(connection: CalendarConnection) -> list[str]:
    """Sentences for whoever can act; one query for an organization's connection that acts as a person."""
    if not connection.is_connected:
        return []
    return list(filter(None, [_expires(connection), _acts_as(connection)]))


def _expires(connection: CalendarConnection) -> str:
    day, today = connection.expires_on, timezone.localdate()
    if day is None or day > today + SOON:
        return ""
    values = {"tool": calendar_name(connection.kind), "day": date_format(day, "DATE_FORMAT")}
    if day < today:
        return _("By the date you noted, the secret expired on %(day)s. Replace it.") % values
    return _("The secret expires on %(day)s. Create a new one in %(tool)s, and replace it here.") % values


def _acts_as(connection: CalendarConnection) -> str:
    """A person whom an organization's connection acts as, and whose account here is deactivated.

    Any address that was entered for it is one: credentials name no others.
    """
    if connection.membership_id is not None:
        return ""
    addresses = [str(value) for value in connection.entered.values() if "@" in str(value)]
    if not addresses:
        return ""
    here = Membership.objects.filter(organization=connection.organization_id, user__email__in=addresses)
    found = here.filter(user__is_active=False).values_list("user__email", flat=True).order_by("pk").first()
    if found is None:
        return ""
    text = _("It acts as %(address)s, whose account here is deactivated. It ends when that happens there, too.")
    return text % {"address": isolated(found)}
