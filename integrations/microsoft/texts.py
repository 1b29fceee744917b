"""The text of an event, in a part of its body that is Panelist's: Graph keeps the way into an online meeting beside it.

Who writes the whole body of an online meeting takes that away, and the meeting with it. The part also tells whether
Panelist ordered the meeting, which is made by hand as well.
"""

from __future__ import annotations

import re
from html import escape

from integrations.calendars import EventRequest, Meeting
from integrations.microsoft import shapes
from integrations.microsoft.shapes import Json

#: The mark of Panelist's part, without and with a meeting. Outlook may put an x_ before an id.
_PLAIN, _WITH_TEAMS = "panelist", "panelist-teams"
_PART = re.compile(rf"<div\b[^>]*\bid=[\"']?(?:x_)*({_PLAIN}|{_WITH_TEAMS})[\"' >].*?</div>", re.DOTALL | re.IGNORECASE)


def body(request: EventRequest) -> dict[str, object]:
    """The body of an event that has no other part."""
    return _html(_part(request))


def changed_body(request: EventRequest, known: Json) -> dict[str, object]:
    """The body of an online meeting with Panelist's part replaced; nothing where that is not found, or is the same."""
    content, part = shapes.text(shapes.inner(known, "body").get("content")), _part(request)
    found = _PART.search(content)
    if found is None or found[0] == part:
        return {}
    return _html(content[: found.start()] + part + content[found.end() :])


def has_ordered_meeting(item: Json) -> bool:
    """Whether the event is an online meeting because Panelist asked for one."""
    found = _PART.search(shapes.text(shapes.inner(item, "body").get("content")))
    return item.get("isOnlineMeeting") is True and found is not None and found[1].lower() == _WITH_TEAMS


def _html(content: str) -> dict[str, object]:
    return {"body": {"contentType": "html", "content": content}}


def _part(request: EventRequest) -> str:
    """The text, and the address where it is not in the text, as HTML: the address is a link in every calendar."""
    lines = [escape(line) for line in request.description.splitlines()]
    if request.url and request.url not in request.description:
        lines += [f'<a href="{escape(request.url)}">{escape(request.url)}</a>']
    mark = _WITH_TEAMS if request.meeting is Meeting.MICROSOFT_TEAMS else _PLAIN
    return f'<div id="{mark}">{"<br>".join(lines)}</div>'
