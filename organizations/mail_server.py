"""Whether mail reaches anybody: without EMAIL_URL it only becomes files on the server."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from organizations.access import Access
from organizations.hooks.notices import Notice

#: Django's backends that keep or drop what they are given. The demo's outbox counts as a server: its mails can be read.
_REACHING_NOBODY = frozenset(
    f"django.core.mail.backends.{name}.EmailBackend" for name in ("filebased", "console", "dummy")
)


def can_leave() -> bool:
    """Whether there is a server to hand mail to. Looks at the settings only: asks no server, and no database."""
    return settings.EMAIL_BACKEND not in _REACHING_NOBODY


def mail_notices(access: Access) -> list[Notice]:
    """For admins, on every page: only they, or whoever runs the server, can have it mended."""
    if can_leave() or not access.is_admin:
        return []
    text = _("Mail isn't set up: messages reach nobody. Set EMAIL_URL on the server, then restart Panelist.")
    return [Notice(text)]
