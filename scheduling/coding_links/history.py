"""Turns a link's history into sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from scheduling.models import LinkEvent, LinkState

# What each code of `scheduling.coding_links` says to a person.
_SENTENCES = {
    "answer_lost": _("CodeSignal's answer was lost. Whether it had made the link had to be found out."),
    "asked": _("A link was asked for."),
    "by_default": _("A link was asked for by default, as the interview plan says."),
    "chosen": _("One of the interviews at CodeSignal was chosen as this link."),
    "company_changed": _("The key was replaced by one of another company."),
    "deleted": _("It was deleted at CodeSignal."),
    "dies_too_early": _("It was taken away, because it would have expired before the interview's end."),
    "disconnected": _("It was taken away, because CodeSignal was disconnected."),
    "expired": _("It expired at CodeSignal without anybody using it."),
    "finished": _("The interview was finished at CodeSignal."),
    "found": _("It was found at CodeSignal and taken over."),
    "gave_up": _("After many attempts, no more were made."),
    "given_twice": _("CodeSignal gave the same interview for two requests."),
    "interrupted": _("The work was interrupted. Whether CodeSignal had made the link had to be found out."),
    "interview_cancelled": _("It was taken away, because the interview does not take place."),
    "keeps_vanishing": _("Links of this interview were deleted at CodeSignal again and again."),
    "key_gone": _("CodeSignal was disconnected before this could be settled."),
    "key_rejected": _("The key was not accepted. The request waited for a working one."),
    "late_answer": _("CodeSignal's answer came late, and the link was taken over."),
    "made": _("CodeSignal made the link."),
    "moved": _("A new link was asked for, because the interview was moved."),
    "none_chosen": _("None of the interviews at CodeSignal was the right one, so a new link was asked for."),
    "not_there": _("CodeSignal surely had not made it, so it was asked for once more."),
    "put_off": _("It did not work out, so another attempt was planned."),
    "refused": _("CodeSignal refused."),
    "removed": _("It was removed."),
    "removed_meanwhile": _("It was removed, as had been asked for while CodeSignal was making it."),
    "replaces": _("A new link was asked for in the place of one that would have expired too early."),
    "replaces_expired": _("A new link was asked for in the place of the expired one."),
    "replaces_vanished": _("A new link was asked for in the place of the one that was deleted at CodeSignal."),
    "retried": _("Another attempt was asked for."),
    "sent": _("The request was sent to CodeSignal."),
    "slot_missed": _("Its turn was missed, so nothing was sent, and it took the next one."),
    "slowed_down": _("CodeSignal asked for fewer requests, so it was sent a little later."),
    "started": _("The interview was begun at CodeSignal."),
    "stray": _("CodeSignal's answer came when another link was there already, so this one was deleted again."),
    "too_late": _("The interview was over before there was a link."),
    "used_early": _("A new link was asked for, because the former one was used up before the interview."),
    "vanished": _("Somebody deleted it at CodeSignal."),
}


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One thing that happened. `actor` and `note` (what was said about it at the time) may be empty."""

    at: datetime
    text: str
    actor: str = ""
    note: str = ""


def link_story(event: LinkEvent) -> StoryLine:
    """One move in words. Wants `event.actor` joined in."""
    text = _SENTENCES.get(event.code, LinkState(event.to_state).label)
    return StoryLine(event.at, str(text), str(event.actor) if event.actor else "", event.note)
