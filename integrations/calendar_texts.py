"""Sentences about what went wrong with a calendar connection, made when they are shown.

Rows keep a code and its parameters (`problem_code`, `problem_params`). A vendor may have sentences of its own for a
code (`CalendarInfo.problems`); they go before the ones here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from integrations.calendar_registry import CALENDARS
from integrations.error_texts import KEY_UNREADABLE, PROBLEMS, Troubled
from organizations.bidi import isolated

#: The owner's account here is deactivated. Nobody is told: whoever did it knows.
OWNER_INACTIVE = "owner_inactive"
#: Beside these, the sentences about coding tools hold for calendars too.
CALENDAR_PROBLEMS = {
    "key_rejected": _lazy("%(tool)s did not accept the credentials."),
    "key_malformed": _lazy("These credentials can't be right. They were probably not copied completely."),
    KEY_UNREADABLE: _lazy("The stored credentials can't be read. Connect it again."),
    "consent_denied": _lazy("You didn't allow access, so nothing was connected."),
    "consent_lost": _lazy("%(tool)s gave no lasting access. Connect it again, and allow everything it asks for."),
    "consent_expired": _lazy("%(tool)s no longer accepts the connection. Connect it again."),
    "no_calendar": _lazy("The account has no calendar that can be read."),
    "other_account": _lazy("These credentials belong to another account: %(account)s. Disconnect the old one first."),
    OWNER_INACTIVE: _lazy("The member's account is deactivated."),
    "refused": _lazy("%(tool)s refused the request."),
    "gone": _lazy("The calendar no longer exists in %(tool)s."),
    "busy": _lazy("The connection is busy with other work. It is checked again within an hour."),
    "superseded": _lazy("Other credentials were entered, so these were not checked."),
    "too_late": _lazy("The check did not end within ten minutes, so what you entered was discarded. Enter it again."),
    "internal": _lazy("Something went wrong here during the check. Try again."),
}


def calendar_name(kind: str) -> str:
    """The vendor's name; its code where it is not in the registry any more."""
    entry = CALENDARS.get(kind)
    return entry.info.name if entry else kind


def calendar_sentence(kind: str, code: str, params: Mapping[str, Any]) -> str:
    """The sentence for a person; empty without a code."""
    if not code:
        return ""
    name = calendar_name(kind)
    missing = list(params.get("missing") or [])
    own = CALENDARS[kind].info.problems if kind in CALENDARS else {}
    if code == "permission_missing" and code not in own:
        return _permission_missing(name, missing)
    values = {"tool": name, "account": _("an unknown account"), "missing": ", ".join(missing)} | {
        key: isolated(str(value)) for key, value in params.items() if key != "missing"
    }
    if code in own:
        return _(own[code]) % values
    if code in CALENDAR_PROBLEMS:
        return str(CALENDAR_PROBLEMS[code]) % values
    if code in PROBLEMS:
        return str(PROBLEMS[code]) % values
    return _("Something went wrong while talking to %(tool)s.") % values


def calendar_problem(row: Troubled) -> str:
    """The sentence about what is wrong with a row; empty when nothing is."""
    return calendar_sentence(row.kind, row.problem_code, row.problem_params)


def _permission_missing(name: str, missing: list[str]) -> str:
    """Name each permission in the vendor's own words, so that it can be found on the vendor's page."""
    if not missing:
        return _("A permission is missing. %(tool)s does not say which one.") % {"tool": name}
    text = ngettext(
        "A permission is missing in %(tool)s: %(names)s.",
        "Permissions are missing in %(tool)s: %(names)s.",
        len(missing),
    )
    return text % {"tool": name, "names": ", ".join(missing)}
