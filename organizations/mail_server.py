"""The installation's mail server, if there is one: without EMAIL_URL mail only becomes files on the machine."""

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
    """Whether there is a mail server. Looks at the settings only: asks no server, and no database."""
    return settings.EMAIL_BACKEND not in _REACHING_NOBODY


def mail_notices(access: Access) -> list[Notice]:
    """Return the banner that admins see on every page while no mail server is set up."""
    if can_leave() or not access.may.change_settings:
        return []
    text = _("No mail server is set up, so no messages are sent. Set EMAIL_URL on the server, then restart Panelist.")
    return [Notice(text)]
