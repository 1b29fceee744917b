"""References to join links: stored texts have one in place of each join link's address.

Whoever has the address may join, so no message, draft or calendar event keeps it: they have `.../join/link-17/`, with
the id of the join link. The address is put in when a mail is built, and when a page shows a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from scheduling.join_links.services import hash_of
from scheduling.models import JoinLink, Message
from scheduling.models.messages import Audience

_REFERENCE = re.compile(r"(/join/)link-(\d{1,18})(?=/)")
_ADDRESS = re.compile(r"(/join/)([A-Za-z0-9_-]{16,64})(?=/)")


def reference(link: JoinLink) -> str:
    """Return what stands for the join link's whole address in stored texts."""
    return f"{settings.BASE_URL}{reverse('join', kwargs={'token': f'link-{link.pk}'})}"


@dataclass(frozen=True, slots=True)
class JoinAddresses:
    """The join links that a text may have, by id. The token of one that can't be read is empty."""

    tokens: Mapping[int, str]

    def put_in(self, text: str) -> str:
        """Return the text with addresses for references; "…" stands for a token that can't be read."""
        return _REFERENCE.sub(self._address, text)

    def _address(self, found: re.Match[str]) -> str:
        token = self.tokens.get(int(found[2]))
        return found[0] if token is None else f"{found[1]}{token or '…'}"

    def lacks(self, text: str) -> bool:
        """Whether the text has a reference to a join link whose token can't be read."""
        return any(self.tokens.get(int(found[2])) == "" for found in _REFERENCE.finditer(text))


def addresses_for(message: Message) -> JoinAddresses:
    """Read the join links that the message's recipient ever had: only these are put into a mail to them.

    An interviewer who has left the organization has none, and nor have readers in Cc.
    """
    if message.is_copy:
        return JoinAddresses({})
    is_candidate = message.audience == Audience.CANDIDATE
    theirs = JoinLink.objects.filter(interview__schedule=message.schedule_id, membership=message.membership_id)
    return _addresses(theirs if is_candidate or message.membership_id is not None else theirs.none())


def addresses_in(schedule_id: int) -> JoinAddresses:
    """Read all join links that people in a schedule ever had, for those who may edit its messages."""
    return _addresses(JoinLink.objects.filter(interview__schedule=schedule_id))


def _addresses(links: Iterable[JoinLink]) -> JoinAddresses:
    return JoinAddresses({link.pk: link.token for link in links})


def without_addresses(text: str) -> str:
    """Return the text with references in place of all join links' addresses in it."""
    found = {hash_of(token): token for _path, token in _ADDRESS.findall(text)}
    if not found:
        return text
    rows = JoinLink.objects.filter(token_hash__in=found).values_list("token_hash", "pk")
    references = {found[token_hash]: f"link-{pk}" for token_hash, pk in rows}
    return _ADDRESS.sub(lambda one: one[1] + references.get(one[2], one[2]), text)
