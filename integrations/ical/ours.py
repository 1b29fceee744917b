"""UIDs of Panelist's own events in calendars that people write, too."""

from __future__ import annotations

import re

from organizations.mail import mail_domain

_OURS = re.compile(r"([0-9a-f]{32})@(.+)", re.IGNORECASE)
#: Stays when an installation moves to another host: its events are still its own.
_DOMAIN = "panelist"


def uid_of(our_id: str) -> str:
    """The UID of the event that Panelist writes with this id."""
    return f"{our_id}@{_DOMAIN}"


def invitation_uid(our_id: str) -> str:
    """The UID of the invitation by mail of which `our_id_of` tells this id."""
    return f"{our_id}@{mail_domain()}"


def our_id_of(uid: str) -> str:
    """Panelist's id of an event; empty for entries that are not its own. Invitations by mail are its own, too."""
    found = _OURS.fullmatch(uid.strip())
    return found[1].lower() if found and found[2].lower() in (_DOMAIN, mail_domain().lower()) else ""
