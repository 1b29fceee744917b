"""Copies of messages to addresses in Cc: parse the addresses, and render what their readers get.

A join link is its recipient's alone: whoever opens a candidate's is let in as the candidate. So a copy is a mail of its
own, without join links and without the calendar event, whose answer would be the recipient's. Its header names the same
people as the message's, so that everybody sees who reads along, and answers reach them.
"""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from organizations import addresses
from scheduling.join_links.references import without_addresses
from scheduling.messages.default_texts import TemplateText
from scheduling.messages.event_mails import literal
from scheduling.messages.render import Rendered, render
from scheduling.messages.render_context import RenderContext

MOST = 10


def parse(text: str) -> list[str]:
    """Return the addresses in a text, each once. Raises ValidationError for a word that is none, and for too many."""
    found = list(dict.fromkeys(addresses.several(text)))
    left = _without(text, found)
    if left:
        raise ValidationError(_("“%(word)s” is no e-mail address. Correct or remove it.") % {"word": left[:80]})
    if len(found) > MOST:
        raise ValidationError(_("A message has %(most)d addresses in Cc at most.") % {"most": MOST})
    return found


def _without(text: str, found: list[str]) -> str:
    """Return the first word with an "@", or alone between separators, that none of the addresses was read from."""
    for part in text.replace(";", ",").replace("\n", ",").split(","):
        if part.strip() and not addresses.several(part):
            return part.strip()
    words = [word for word in text.replace(";", " ").replace(",", " ").split() if "@" in word]
    return next((word for word in words if not addresses.several(word)), "") if len(words) > len(found) else ""


def joined(found: list[str]) -> str:
    """Return addresses as rows keep them."""
    return ", ".join(found)


def split(stored: str) -> list[str]:
    """Return the addresses that a row keeps."""
    return [one for one in stored.split(", ") if one]


def rendered(text: TemplateText, context: RenderContext, subject: str) -> Rendered:
    """Render what readers in Cc get of a message with this text, sent under `subject`."""
    note = _("Copy of an e-mail to %(name)s, without personal join links.") % {"name": context.recipient.name}
    copy = render(literal(subject), f"{literal(note)}\n\n{text.body}", replace(context, join_links={}))
    # Addresses that somebody typed become references, which lead nowhere.
    return Rendered(copy.subject, without_addresses(copy.text), without_addresses(copy.html))
