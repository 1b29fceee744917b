"""Sentences about calendars at addresses that people enter, for `CalendarInfo.problems`.

None of them holds an address, nor anything out of a calendar.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

PROBLEMS = {
    "bad_address": _("This is not the address of a calendar. Copy it again, from https:// on."),
    "not_allowed": _(
        "The address leads into the network of this server. Ask whoever runs it to add the host to CALENDAR_HOSTS."
    ),
    "not_encrypted": _("The address starts with http://, or leads to one that does. Use one with https://."),
    "too_many_redirects": _("The address redirects too often. Copy it again from the calendar."),
    "elsewhere": _("The server sends on to %(host)s, which gets no password. Enter the calendar's address there."),
    "unreachable": _("The calendar's server could not be reached. Check the address."),
    "certificate": _("The connection to the calendar's server is not safe: its certificate was not accepted."),
    "timeout": _("The calendar's server took longer than 10 seconds to answer."),
    "connection_lost": _("The connection to the calendar's server broke before its answer was complete."),
    "server_error": _("The calendar's server reported an error on its side."),
    "rate_limited": _("The calendar's server asked for fewer requests."),
    "refused": _("The calendar's server refused the request."),
    "too_large": _("The calendar is larger than 5 MB. Leave old entries out of it, or share another one."),
    "too_many": _("The calendar has more entries than can be read: at most 20,000 in the weeks ahead."),
    "unreadable": _("The calendar's server sent an answer that could not be understood."),
    "entry_unreadable": _(
        "An entry has a time that can't be read, so nobody can tell when its owner is free. Open the calendar and "
        "correct or delete that entry."
    ),
}
