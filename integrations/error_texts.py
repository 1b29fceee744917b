"""What a person reads when a key does not do."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.base import Account, CredentialsRejected, Refused, ToolError
from organizations.bidi import isolated


def missing_permissions(tool: str, names: Sequence[str]) -> str:
    """Names each permission in the vendor's own words, so that it can be found on the vendor's page."""
    text = ngettext(
        "The API key lacks a permission at %(tool)s: %(names)s.",
        "The API key lacks permissions at %(tool)s: %(names)s.",
        len(names),
    )
    return text % {"tool": tool, "names": ", ".join(names)}


def lacking(tool: str, account: Account) -> str:
    """What a key lacks; empty when nothing was denied to it."""
    if missing := account.missing():
        return missing_permissions(tool, missing)
    if account.denied:
        text = _("The API key lacks a permission at %(tool)s, and %(tool)s does not say which one.")
        return text % {"tool": tool}
    return ""


def other_company(company: str) -> str:
    name = company or _("a company that could not be told")
    return _("The API key belongs to another company now: %(company)s.") % {"company": isolated(name)}


def advice(error: ToolError, tool: str) -> str:
    """What the person who pasted the key can do about it."""
    if isinstance(error, CredentialsRejected) and error.missing:
        return tick_missing(tool)
    if isinstance(error, CredentialsRejected):
        return _("Copy it again at %(tool)s, whole, or make a new one there.") % {"tool": tool}
    if isinstance(error, Refused):
        return _("Ask whoever runs this server to look at its settings.")
    return _("Try again in a moment.")


def tick_all(tool: str) -> str:
    return _("Tick all of these at %(tool)s, save there, and try again.") % {"tool": tool}


def tick_missing(tool: str) -> str:
    return _("Tick what is missing at %(tool)s, save there, and try again.") % {"tool": tool}
