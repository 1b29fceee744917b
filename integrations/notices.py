"""The banner above every page while an integration does not work."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.connections import integrations_of
from integrations.error_texts import problem_of
from integrations.hooks.risks import risks
from integrations.models import Integration
from integrations.registry import tool_name
from organizations.access import Access
from organizations.hooks.notices import Notice

#: Interviews that the banner names; the rest is counted.
NAMED = 3


def integration_notices(access: Access) -> list[Notice]:
    """For recruiters and admins: what is paused, why, and what it endangers. Admins get a link to replace the key."""
    if not access.may.see_schedules:
        return []
    paused = [one for one in integrations_of(access).values() if one.state == Integration.State.PAUSED]
    return [_notice(access, integration) for integration in paused]


def _notice(access: Access, integration: Integration) -> Notice:
    text = _("%(tool)s is paused: new links wait.") % {"tool": tool_name(integration.kind)}
    # What is at risk names candidates of all jobs. A coordinator finds those of their own on Home.
    parts = [text, problem_of(integration), "" if access.is_limited else _at_risk(integration)]
    if not access.may.manage_integrations:
        names = ", ".join(access.admin_names)
        parts.append(_("Ask an admin (%(names)s) to replace the key.") % {"names": names})
        return Notice(" ".join(filter(None, parts)))
    address = access.url("settings-integration", kind=integration.kind)
    return Notice(" ".join(filter(None, parts)), address, _("Replace key"))


def _at_risk(integration: Integration) -> str:
    found = risks(integration)
    if not found:
        return ""
    named = "; ".join(risk.text for risk in found[:NAMED])
    if more := len(found) - NAMED:
        rest = ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more} if more > 0 else ""
        named = f"{named} {rest}".strip()
    return _("At risk: %(interviews)s.") % {"interviews": named}
