"""A link's history in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from integrations.registry import tool_name
from scheduling.coding_links.problems import reason_of
from scheduling.models import LinkEvent, LinkState

# What each code of `scheduling.coding_links` says to a person.
_SENTENCES = {
    "answer_lost": _("The answer from %(tool)s was lost. Checking whether the link exists."),
    "asked": _("Link requested."),
    "by_default": _("Link requested by the interview plan."),
    "chosen": _("A link found in %(tool)s was chosen."),
    "company_changed": _("The key was replaced by another company's."),
    "deleted": _("Deleted in %(tool)s."),
    "dies_too_early": _("Removed: it would have expired before the interview ended."),
    "disconnected": _("Removed: %(tool)s was disconnected."),
    "erased": _("Removed: the candidate was deleted."),
    "expired": _("Expired in %(tool)s before anyone used it."),
    "finished": _("Interview finished in %(tool)s."),
    "found": _("Found in %(tool)s and added here."),
    "gave_up": _("Gave up after many attempts."),
    "given_twice": _("%(tool)s gave the same interview for two requests."),
    "interrupted": _("Interrupted. Checking whether %(tool)s had created the link."),
    "interview_cancelled": _("Removed: the interview was cancelled."),
    "keeps_vanishing": _("Links of this interview kept being deleted in %(tool)s."),
    "key_gone": _("%(tool)s was disconnected before this could be finished."),
    "key_rejected": _("The key was not accepted. Waiting for a working one."),
    "late_answer": _("%(tool)s answered late. The link was added here."),
    "made": _("Created in %(tool)s."),
    "moved": _("New link requested: the interview was moved."),
    "none_chosen": _("New link requested: none of those found in %(tool)s was right."),
    "not_there": _("%(tool)s had not created it. Trying again."),
    "put_off": _("Attempt failed. Trying again later."),
    "refused": _("Refused by %(tool)s."),
    "removed": _("Removed."),
    "removed_meanwhile": _("Removed, as requested while %(tool)s was creating it."),
    "replaces": _("New link requested: the old one would have expired too early."),
    "replaces_expired": _("New link requested: the old one had expired."),
    "replaces_vanished": _("New link requested: the old one was deleted in %(tool)s."),
    "restored": _("Restored from a backup. Checking whether %(tool)s has created the link."),
    "retried": _("Another attempt was requested."),
    "run_cancelled": _("Request withdrawn: adding links to the whole job was cancelled."),
    "sent": _("Request sent to %(tool)s."),
    "slot_missed": _("Delayed by the rate limit."),
    "slowed_down": _("%(tool)s asked for fewer requests. Trying again shortly."),
    "started": _("Interview started in %(tool)s."),
    "stray": _("%(tool)s answered after another link was created. This one is deleted."),
    "too_late": _("The interview ended before the link was created."),
    "used_early": _("New link requested: the old one was used before the interview."),
    "vanished": _("Deleted in %(tool)s by someone else."),
}


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line of a link's history. `actor`, and `note` with the reason that was kept with it, may be empty."""

    at: datetime
    text: str
    actor: str = ""
    note: str = ""


def link_story(event: LinkEvent) -> StoryLine:
    """One move in words. Wants `event.actor` and `event.link.integration` joined in."""
    text = _SENTENCES.get(event.code, LinkState(event.to_state).label)
    words = str(text) % {"tool": tool_name(event.link.integration.kind)}
    return StoryLine(event.at, words, str(event.actor) if event.actor else "", reason_of(event))
