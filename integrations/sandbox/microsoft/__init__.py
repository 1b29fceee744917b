"""Microsoft Graph and its sign-in over the sandbox's world of calendars: events, busy times, rooms, subscriptions.

Its addresses begin with /microsoft/. In a test::

    secret = sandbox.microsoft.make_secret()            # of the app; its tenant and client id are constants
    sandbox.microsoft.permissions = {"Calendars.ReadWrite"}
    sandbox.microsoft.consent_of("ivy@example.com")     # a refresh token, as if she had agreed
    sandbox.microsoft.revoke("ivy@example.com")         # as if she had taken it back
    sandbox.microsoft.closed.add("ivy@example.com")     # the app is not let into this mailbox
    sandbox.microsoft.fault("drop_after", operation="createEvent")
    sandbox.microsoft.makes_meetings = False            # mailboxes without Teams
    sandbox.microsoft.meetings_pending = 1              # so many readings of an event until its meeting is there
    sandbox.microsoft.repeats = "same"                  # answers a used transaction id with the event, not an error

A person organizes what an app puts into their calendar. Outlook offers an organizer no "Decline"; here an answer given
by hand is told all the same, as that of somebody who was invited.
"""

from integrations.sandbox.microsoft.accounts import CLIENT, TENANT
from integrations.sandbox.microsoft.surface import MicrosoftSurface

__all__ = ["CLIENT", "TENANT", "MicrosoftSurface"]
