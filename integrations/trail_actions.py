"""Sentences of the audit trail about integrations and keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.error_texts import sentence
from integrations.meetings import way_name
from integrations.registry import TOOLS
from organizations.hooks.trail import Act, Action, Group

HERE, ICON = Group.INTEGRATIONS, "plug"

ACTIONS = {
    "admin.key_check_asked": Action(_("Django admin: asked to check the %(tool)s key"), "settings", Group.ADMIN),
    "integration.connected": Action(_("Connected %(tool)s (%(company)s)"), ICON, HERE, Act.ADDED),
    "integration.key_replaced": Action(_("Replaced the %(tool)s key (%(company)s)"), ICON, HERE),
    "integration.key_entered": Action(_("Entered a %(tool)s key, to be checked"), ICON, HERE, Act.ADDED),
    "integration.key_discarded": Action(_("Discarded the %(tool)s key that was entered"), ICON, HERE, Act.REMOVED),
    "integration.key_refused": Action(
        _("The %(tool)s key that was entered was not accepted: %(problem)s"), ICON, HERE, Act.FAILED
    ),
    "integration.other_company_accepted": Action(
        _("Confirmed that the %(tool)s key belongs to another company"), ICON, HERE
    ),
    "integration.disconnected": Action(_("Disconnected %(tool)s"), ICON, HERE, Act.REMOVED),
    "integration.paused": Action(_("Paused %(tool)s: %(problem)s"), ICON, HERE, Act.FAILED),
    "integration.resumed": Action(_("%(tool)s works again"), ICON, HERE),
    "integration.not_checked": Action(_("The key could not be checked: %(problem)s"), ICON, HERE, Act.FAILED),
    "integration.rate_limit_changed": Action(
        _("Set the rate limit of %(tool)s to %(changes)g changes and %(lookups)g look-ups per second"), ICON, HERE
    ),
    "integration.key_owner_changed": Action(_("Changed the owner of the %(tool)s key"), ICON, HERE),
    "integration.webhook_secret_shown": Action(
        _("Looked at the signing secret for %(tool)s"), ICON, HERE, Act.DISCLOSED
    ),
    "integration.webhook_secret_renewed": Action(_("Created a new signing secret for %(tool)s"), ICON, HERE, Act.ADDED),
    "meeting_server.connected": Action(_("Set up video calls with %(meeting_server)s"), ICON, HERE, Act.ADDED),
    "meeting_server.changed": Action(_("Changed the server of %(meeting_server)s"), ICON, HERE),
    "meeting_server.removed": Action(_("Removed the server of %(meeting_server)s"), ICON, HERE, Act.REMOVED),
}


def tool_label(kind: object) -> str:
    """The name of a tool; its code where it is not in the registry any more."""
    tool = TOOLS.get(str(kind))
    return tool.info.name if tool else str(kind)


def problem_label(problem: object) -> str:
    """The sentence of a `problem_detail`."""
    if not isinstance(problem, Mapping) or str(problem.get("tool")) not in TOOLS:
        return ""
    return sentence(str(problem["tool"]), str(problem.get("code", "")), problem.get("params") or {})


def problem_detail(kind: str, code: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """A tool's problem as a row keeps it."""
    return {"tool": kind, "code": code, "params": dict(params)}


def company_label(name: object) -> str:
    return str(name or _("unknown company"))


def meeting_server_label(kind: object) -> str:
    """The name of a vendor; its code where it is not in the registry any more."""
    return way_name(str(kind))


LABELS = {
    "tool": tool_label,
    "problem": problem_label,
    "company": company_label,
    "meeting_server": meeting_server_label,
}
