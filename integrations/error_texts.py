"""Sentences about what went wrong with a coding tool or its key, made when they are shown.

Rows keep a code and its parameters (`problem_code`, `problem_params`). A tool may have sentences of its own for a code
(`ToolInfo.problems`); they go before the ones here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from integrations.registry import info_of
from organizations.bidi import isolated

#: The stored key can't be read with FERNET_KEYS, or was forgotten because of that.
KEY_UNREADABLE = "key_unreadable"
#: Each code of the contract's errors, and of checks of keys.
PROBLEMS = {
    "unreachable": _lazy("%(tool)s could not be reached."),
    "certificate": _lazy("The connection to %(tool)s is not safe: its certificate was not accepted."),
    "timeout": _lazy("%(tool)s did not answer in time."),
    "connection_lost": _lazy("The connection to %(tool)s broke before its answer was complete."),
    "server_error": _lazy("%(tool)s reported an error on its side."),
    "rate_limited": _lazy("%(tool)s asked for fewer requests per second."),
    "unreadable": _lazy("%(tool)s sent an answer that could not be understood."),
    "too_large": _lazy("%(tool)s sent an answer that was far too large."),
    "bad_address": _lazy("The address set for %(tool)s is not the address of a web service."),
    "wrong_address": _lazy("The address set for %(tool)s does not lead to its API."),
    "key_rejected": _lazy("%(tool)s did not accept the API key."),
    "key_malformed": _lazy("The API key has invalid characters. It was probably not copied completely."),
    KEY_UNREADABLE: _lazy("The stored API key can't be read. Paste it again."),
    "everything_denied": _lazy("%(tool)s denied the API key everything."),
    "other_company": _lazy("The API key belongs to another company now: %(company)s."),
    "refused": _lazy("%(tool)s refused the request."),
    "lifetime": _lazy("%(tool)s does not allow links to live that long."),
    "email_refused": _lazy("%(tool)s did not accept the candidate's e-mail address."),
    "template_refused": _lazy("The interview template no longer exists in %(tool)s."),
    "gone": _lazy("The interview no longer exists in %(tool)s."),
    "unknown": _lazy("%(tool)s reported an error. It may or may not have carried out the request."),
    "busy": _lazy("The key is busy with other work. It is checked again within an hour."),
    "superseded": _lazy("Another key was entered, so this one was not checked."),
    "abandoned": _lazy("You kept the existing key."),
    "too_late": _lazy("The check did not end within ten minutes, so the key was discarded. Enter it again."),
    "internal": _lazy("Something went wrong here while the key was checked. Try again."),
}
#: A new key cures these: the vendor does not let this one do what it has to.
KEY_PROBLEMS = frozenset(
    {
        "key_rejected",
        "key_malformed",
        KEY_UNREADABLE,
        "permission_missing",
        "everything_denied",
        "credentials_rejected",
    }
)
#: Only whoever runs this server can cure these.
SERVER_PROBLEMS = frozenset({"bad_address", "wrong_address", "certificate"})
#: The sentences of these say already what to do.
_COMPLETE = frozenset({"superseded", "abandoned", "too_late", "internal", KEY_UNREADABLE})


class Troubled(Protocol):
    """A row of this app that keeps what is wrong as a code with parameters."""

    kind: str
    problem_code: str
    problem_params: dict[str, Any]


def sentence(kind: str, code: str, params: Mapping[str, Any]) -> str:
    """The sentence for a person; empty without a code.

    Rows from before codes have their sentence as `text` among the parameters: it is shown as it stands.
    """
    if text := params.get("text"):
        return str(text)
    info = info_of(kind)
    if code == "permission_missing":
        return _permission_missing(info.name, list(params.get("missing") or []))
    values = {"tool": info.name, "company": _("an unknown company")} | {
        name: isolated(str(value)) for name, value in params.items()
    }
    if code in info.problems:
        return _(info.problems[code]) % values
    if code in PROBLEMS:
        return str(PROBLEMS[code]) % values
    return _("Something went wrong while talking to %(tool)s.") % values if code else ""


def problem_of(row: Troubled) -> str:
    """The sentence about what is wrong with a row; empty when nothing is."""
    return sentence(row.kind, row.problem_code, row.problem_params)


def problem_and_advice(row: Troubled) -> str:
    """The problem of a pasted key, and what the person who pasted it can do."""
    problem = problem_of(row)
    if "text" in row.problem_params or row.problem_code in _COMPLETE:
        return problem
    return f"{problem} {_advice(info_of(row.kind).name, row.problem_code, row.problem_params)}"


def _permission_missing(tool: str, names: list[str]) -> str:
    """Name each permission in the vendor's own words, so that it can be found on the vendor's page."""
    if not names:
        return _("The API key lacks a permission. %(tool)s does not say which one.") % {"tool": tool}
    text = ngettext(
        "The API key lacks a permission in %(tool)s: %(names)s.",
        "The API key lacks permissions in %(tool)s: %(names)s.",
        len(names),
    )
    return text % {"tool": tool, "names": ", ".join(names)}


def _advice(tool: str, code: str, params: Mapping[str, Any]) -> str:
    if params.get("missing"):
        return _("Grant the missing ones in %(tool)s, save there, and try again.") % {"tool": tool}
    if code == "permission_missing":
        return _("Grant all of these in %(tool)s, save there, and try again.") % {"tool": tool}
    if code in KEY_PROBLEMS:
        return _("Copy the whole key again from %(tool)s, or create a new one there.") % {"tool": tool}
    if code in SERVER_PROBLEMS or code == "refused":
        return _("Ask whoever runs this server to check its settings.")
    return _("Try again in a moment.")
