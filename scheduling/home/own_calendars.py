"""Calendars that are paused, for the Home of those who can connect them again: their owners, or the admins."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from integrations.calendar_texts import calendar_name, calendar_problem
from integrations.models import CalendarConnection
from organizations.access import Access
from scheduling.home.items import AttentionItem


def calendar_items(access: Access) -> list[AttentionItem]:
    """An item for each connection that is paused: one query, where there may be one."""
    if not getattr(access.membership, "has_paused_calendars", True):
        return []
    mine = Q(membership=access.membership)
    if access.may.manage_integrations:
        mine |= Q(membership__isnull=True)
    paused = access.whole(CalendarConnection).filter(mine, state=CalendarConnection.State.PAUSED)
    return [_item(access, row) for row in paused.defer("credentials").order_by("pk")]


def _item(access: Access, connection: CalendarConnection) -> AttentionItem:
    values = {"tool": calendar_name(connection.kind)}
    if connection.membership_id is None:
        text = _("%(tool)s is paused: members' busy times are unknown.") % values
        address = access.url("settings-calendar", kind=connection.kind)
    else:
        text = _("Your %(tool)s is paused: your busy times are unknown.") % values
        address = access.url("own-calendars")
    return AttentionItem("calendar-x", "danger", text, calendar_problem(connection), address, _("Open calendars"))
