"""People in the integrations' tables: whose account a key belongs to, and who connected it (`hooks.erasures`)."""

from __future__ import annotations

from typing import Any

from integrations.models import Integration, KeyCheck
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
    return 0


def held(user: User, organization: Organization) -> dict[str, Any]:
    """Tell which integrations a person connected, and when."""
    rows = Integration.objects.filter(organization=organization, connected_by=user).order_by("pk")
    return {"integrations_connected": [{"tool": tool_name(row.kind), "connected_at": row.connected_at} for row in rows]}
