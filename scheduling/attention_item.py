"""One thing to see to, as the home page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from organizations.access import Access
from scheduling.link_words import address_of

__all__ = ["MOST", "Attention", "address_of", "more_of"]

MOST = 10


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to see to. `address` leads to where it can be mended with one more click; `action` names that way.

    `is_more`: no thing by itself, but the word that there are others.
    """

    icon: str
    tone: str
    text: str
    detail: str = ""
    address: str = ""
    action: str = ""
    is_more: bool = False


def more_of(access: Access, words: str) -> Attention:
    """The last of a provider's items, where there are more than are shown."""
    return Attention(
        "list", "secondary", words, "", address_of(access, "schedules"), _("See all schedules"), is_more=True
    )
