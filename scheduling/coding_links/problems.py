"""Sentences about what went wrong with a coding link, made when they are shown.

`CodingLink.problem_code` and `problem_params` say what is wrong now; `LinkEvent.params` keeps the same under `because`.
Codes that are not here are a coding tool's: `integrations.error_texts` has their sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations import error_texts
from integrations.registry import tool_name
from scheduling.models import CodingLink, LinkEvent

_PROBLEMS = {
    "ambiguous": _("The answer from %(tool)s was lost, so it is unclear which link is this one."),
    "company_changed": _("The key was replaced by another company's before it was known whether the link was created."),
    "given_twice": _("%(tool)s gave the same interview for two requests. Try again."),
    "gave_up": _("%(tool)s lost the request several times."),
    "keeps_vanishing": _(
        "This interview's links keep being deleted in %(tool)s. Find out who deletes them, then try again."
    ),
    "restored": _("Restored from a backup. Checking whether %(tool)s has created the link."),
    "too_late": _("The interview ended before %(tool)s created a link."),
}
# Why a link came to its end without being deleted at the vendor.
_ENDS = {
    "expired_there": _("It could not be deleted in %(tool)s, and has expired there."),
    "left_as_is": _("This candidate's interviews in %(tool)s were left as they are."),
    "left_elsewhere": _("It could not be deleted: it belongs to another %(tool)s company than the key."),
    "left_without_key": _("The key was deleted. A link may still exist in %(tool)s."),
}
_SENTENCES = _PROBLEMS | _ENDS


def problem_of(link: CodingLink) -> str:
    """The sentence about what is wrong with a link; empty when nothing is. Wants `link.integration` joined in."""
    return _sentence(link.integration.kind, link.problem_code, link.problem_params)


def reason_of(event: LinkEvent) -> str:
    """The reason that was kept with a line of a link's history; often empty. Wants `link.integration` joined in."""
    return _sentence(event.link.integration.kind, event.params.get("because", ""), event.params)


def _sentence(kind: str, code: str, params: Mapping[str, Any]) -> str:
    """Rows from before codes have their sentence as `text`: it is shown as it stands."""
    if code == "ambiguous" and params.get("because"):
        return _sentence(kind, params["because"], params)
    if code in _SENTENCES and "text" not in params:
        return str(_SENTENCES[code]) % {"tool": tool_name(kind)}
    return error_texts.sentence(kind, code, params)
