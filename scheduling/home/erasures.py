"""Items of Home about deletions: what a tool refuses, who could not be told, and what retention is about to delete."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.registry import tool_name
from organizations.access import Access
from scheduling.erasure import retention
from scheduling.home.items import AttentionItem
from scheduling.home.whole_organization import WholeOrganization


def erasure_items(access: Access, whole: WholeOrganization) -> list[AttentionItem]:
    """For admins, who alone see the page "Privacy"."""
    if not access.may.change_settings:
        return []
    address, organization = access.url("settings-privacy"), access.organization
    refused, waiting = sorted(whole.refused.items()), whole.stuck
    items = [
        AttentionItem("trash", "danger", not_deleted(kind, number), "", address, _("Open privacy"))
        for kind, number in refused
    ]
    if waiting:
        text = ngettext(
            "%(number)d candidate is not deleted yet: a cancellation was not sent",
            "%(number)d candidates are not deleted yet: cancellations were not sent",
            waiting,
        )
        items.append(AttentionItem("trash", "danger", text % {"number": waiting}, "", address, _("Open privacy")))
    return items + ([_announced(access, address)] if retention.is_announced(organization) else [])


def not_deleted(kind: str, number: int) -> str:
    """Say how much a tool could not delete."""
    return ngettext(
        "%(number)d coding interview couldn't be deleted in %(tool)s",
        "%(number)d coding interviews couldn't be deleted in %(tool)s",
        number,
    ) % {"number": number, "tool": tool_name(kind)}


def _announced(access: Access, address: str) -> AttentionItem:
    begins = retention.begins_at(access.organization) or timezone.now()
    day = date_format(timezone.localdate(begins), "LONG_DAY_OF_MONTH_FORMAT")
    text = _("Candidates whose last interview is long ago are deleted from %(day)s") % {"day": day}
    detail = _("See who is due, and keep single candidates.")
    return AttentionItem("clock", "warning", text, detail, address, _("Open privacy"))
