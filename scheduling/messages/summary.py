"""A message in one line: what it tells its reader that they don't know yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.bidi import isolated
from scheduling.messages.formatting import difference, first_start, start
from scheduling.messages.snapshot import Difference, InterviewSnapshot, differences

#: More changes than these are counted.
MOST_CHANGES = 2


def summary(
    occasion: str, notified: Sequence[InterviewSnapshot], now: Sequence[InterviewSnapshot], zone: ZoneInfo
) -> str:
    """Return `Invitation: 4 interviews, Thu 3 Dec – Fri 4 Dec` or `Moved: System design, Thu 3 Dec, 18:00 GMT+9`.

    `occasion` is that of `message_context.occasion`, `notified` what the reader was last told, `now` what is true.
    Times are the reader's; `zone` is theirs.
    """
    if occasion == "invitation":
        return _("Invitation: %(what)s") % {"what": _what(now, zone)}
    if occasion == "cancellation":
        return _("Cancelled: %(what)s") % {"what": _what(notified, zone)}
    found = differences(notified, now)
    said = [_changed(one, zone) for one in found[:MOST_CHANGES]]
    if more := len(found) - len(said):
        said.append(ngettext("%(count)d more change", "%(count)d more changes", more) % {"count": more})
    return "; ".join(said)


def _what(interviews: Sequence[InterviewSnapshot], zone: ZoneInfo) -> str:
    """Return the one interview with its time, or how many there are and when the first begins."""
    if len(interviews) == 1:
        return _at(interviews[0], zone)
    count = ngettext("%(count)d interview", "%(count)d interviews", len(interviews)) % {"count": len(interviews)}
    return f"{count}, {first_start(interviews, zone)}" if interviews else count


def _at(interview: InterviewSnapshot, zone: ZoneInfo) -> str:
    return f"{isolated(interview.name)}, {start(interview.starts_at, zone)}"


def _changed(change: Difference, zone: ZoneInfo) -> str:
    """Return what became of one interview: short where it is new, moved or cancelled, else old and new."""
    old, new = change.old, change.new
    if new is None:
        assert old is not None  # noqa: S101 - one of the two is always there
        return _("Cancelled: %(what)s") % {"what": _at(old, zone)}
    if old is None:
        return _("New: %(what)s") % {"what": _at(new, zone)}
    if (old.starts_at, old.ends_at) != (new.starts_at, new.ends_at):
        return _("Moved: %(what)s") % {"what": _at(new, zone)}
    if replace(old, join_link_id=new.join_link_id).comparable() == new.comparable():
        return _join_link(old, new) % {"what": isolated(new.name)}
    return ", ".join(difference(change, zone))


def _join_link(old: InterviewSnapshot, new: InterviewSnapshot) -> str:
    if not old.join_link_id:
        return _("Coding link added: %(what)s")
    return _("New join link: %(what)s") if new.join_link_id else _("Coding link removed: %(what)s")
