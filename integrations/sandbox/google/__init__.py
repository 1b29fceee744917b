"""Google Calendar over the sandbox's world of calendars: sign-in, consent, events, busy times, rooms and watches.

Its addresses begin with /google/. Shapes are those of Google's published description of the API, which tests compare
them with. In a test::

    key = sandbox.google.make_service_account()          # JSON, as Google Cloud gives it; every scope is delegated
    sandbox.google.delegated = {"...calendar.events"}    # only some are
    sandbox.google.consent_of("ivy@example.com")         # a refresh token, as if she had agreed
    sandbox.google.revoke("ivy@example.com")             # as if she had taken it back
    sandbox.google.fault("drop_after", operation="events.insert")
    sandbox.google.meetings = "failed"                   # or "refused", "ignored": what becomes of orders for meetings
    sandbox.google.meetings_pending = 1                  # so many readings of an event until its meeting is there
"""

from integrations.sandbox.google.surface import GoogleSurface

__all__ = ["GoogleSurface"]
