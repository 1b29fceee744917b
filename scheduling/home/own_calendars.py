"""Calendars that are paused, for the Home of those who can connect them again: their owners, or the admins."""

from __future__ import annotations

from django.utils.translation import gettext as _

from integrations.calendar_texts import calendar_name, calendar_problem
from integrations.models import CalendarConnection
from organizations.access import Access
from scheduling.home.items import AttentionItem
from scheduling.home.whole_organization import WholeOrganization


def calendar_items(access: Access, whole: WholeOrganization) -> list[AttentionItem]:
    """An item for each connection that is paused."""
    return [_item(access, row) for row in whole.paused]


def _item(access: Access, connection: CalendarConnection) -> AttentionItem:
    values = {"tool": calendar_name(connection.kind)}
    if connection.membership_id is None:
        text = _("%(tool)s is paused: members' busy times are unknown.") % values
        address = access.url("settings-calendar", kind=connection.kind)
    else:
        text = _("Your %(tool)s is paused: your busy times are unknown.") % values
        address = access.url("own-calendars")
    return AttentionItem("calendar-x", "danger", text, calendar_problem(connection), address, _("Open calendars"))
