"""The notice above every page of an organization that will be deleted."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from organizations.access import Access
from organizations.hooks.notices import Notice


def erasure_notices(access: Access) -> list[Notice]:
    """Return when the organization is deleted, for admins with the way to call it off. Asks no query."""
    at = access.organization.erase_at
    if at is None:
        return []
    text = _("%(organization)s will be deleted on %(day)s.") % {
        "organization": access.organization.name,
        "day": date_format(timezone.localtime(at), "DATETIME_FORMAT"),
    }
    if access.may.change_settings:
        return [Notice(text, access.url("settings-delete"), _("Call it off"))]
    return [Notice(text)]
