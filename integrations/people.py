"""People in the integrations' tables: whose account a key belongs to, and who connected it (`hooks.erasures`)."""

from __future__ import annotations

from typing import Any

from integrations.calendar_texts import calendar_name
from integrations.models import CalendarCheck, CalendarConnection, Integration, KeyCheck
from integrations.registry import tool_name
from organizations.erasure.names import Names
from organizations.models import Organization, User


def forget(user: User, organization: Organization | None, _at_last: bool) -> int:
    """Take a person's name out of the notes on keys."""
    names = Names(user)
    plain, mentioned = names.mentioned(texts=["key_owner"])
    here = {} if organization is None else {"organization": organization}
    for model in (Integration, KeyCheck):
        for row in model._default_manager.annotate(**plain).filter(mentioned, **here).order_by("pk"):
            model._default_manager.filter(pk=row.pk).update(key_owner=names.replaced(row.key_owner))
    _forget_calendars(user, here)
    return 0


def _forget_calendars(user: User, here: dict[str, Organization]) -> None:
    """Delete a person's own calendar connections and checks, and their address from those that act as them.

    The credentials of these stay: they are the organization's, and name what an admin entered at the vendor.
    """
    CalendarCheck.objects.filter(asked_by=user, **here).delete()
    CalendarConnection.objects.filter(membership__user=user, **here).delete()
    for row in CalendarConnection.objects.filter(membership__isnull=True, **here).order_by("pk"):
        kept = {key: value for key, value in row.entered.items() if str(value).lower() != user.email}
        name = "" if row.account_name.lower() == user.email else row.account_name
        if (kept, name) != (row.entered, row.account_name):
            CalendarConnection.objects.filter(pk=row.pk).update(entered=kept, account_name=name)


def held(user: User, organization: Organization) -> dict[str, Any]:
    """Tell which integrations a person connected, and when."""
    rows = Integration.objects.filter(organization=organization, connected_by=user).order_by("pk")
    calendars = CalendarConnection.objects.filter(organization=organization).order_by("pk")
    return {
        "integrations_connected": [{"tool": tool_name(row.kind), "connected_at": row.connected_at} for row in rows],
        "own_calendars": [
            {
                "calendar": calendar_name(row.kind),
                "account": row.account_name,
                "entered": row.entered,
                "state": row.state,
                "connected_at": row.connected_at,
                "calendars": [one.get("name", "") for one in row.found],
            }
            for row in calendars.filter(membership__user=user)
        ],
        "calendars_connected": [
            {"calendar": calendar_name(row.kind), "connected_at": row.connected_at}
            for row in calendars.filter(membership__isnull=True, connected_by=user)
        ],
    }
