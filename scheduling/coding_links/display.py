"""A coding link in words for one reader: its state, what is wrong, and what they can do about it.

Every page shows links through `link_view`, so that they say the same everywhere. Nothing here changes anything, and
nothing here asks the vendor. Each `%(tool)s` is the name of the link's own tool.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace

from django.utils import formats, timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext

from integrations.error_texts import KEY_PROBLEMS, KEY_UNREADABLE, SERVER_PROBLEMS
from integrations.models import Integration
from integrations.registry import TOOLS, tool_name
from organizations.access import Access
from scheduling.coding_links.problems import problem_of
from scheduling.models import CodingLink, Interview, LinkState
from scheduling.models.coding_links import LIVE

# Their sentences say already what to do.
SELF_EXPLAINING = frozenset({"given_twice", "keeps_vanishing"})

# What to do about a failure that a person can mend, by its code.
_ADVICE = {
    "template_refused": _lazy("Remove the link, then add it again with another template."),
    "lifetime": _lazy("Correct the interview's time, then try again."),
    "too_late": _lazy("It needs no link any more. If it takes place later, move it, then try again."),
    "company_changed": _lazy("Look for it in the former company's %(tool)s account, then try again."),
}

_MISSING = ("alert-triangle", "danger")
_SERVES = frozenset({*LIVE, LinkState.FINISHED})

_ICONS = {
    LinkState.PENDING: ("loader-2", "azure"),
    LinkState.CREATING: ("loader-2", "azure"),
    LinkState.UNKNOWN: ("search", "azure"),
    LinkState.FAILED: ("alert-triangle", "danger"),
    LinkState.READY: ("circle-check", "success"),
    LinkState.ACTIVE: ("player-play", "success"),
    LinkState.FINISHED: ("flag", "secondary"),
    LinkState.CANCELLING: ("loader-2", "azure"),
    LinkState.CANCELLED: ("trash", "secondary"),
    LinkState.EXPIRED: ("hourglass", "secondary"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """The reader's next step: a sentence and, where a page helps, its address and the words on the link."""

    text: str = ""
    address: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link for one reader. All texts are translated and may be empty, except `word`.

    `severity` is a colour of Tabler (success, warning, danger, secondary, azure); it never stands without `icon` and
    `word`. `tool` is the name of the link's tool. `removal` says what removing it would do. `busy`: something is on its
    way, so the page should ask again.
    """

    word: str
    icon: str
    severity: str
    tool: str = ""
    detail: str = ""
    problem: str = ""
    next_step: Step = Step()
    removal: str = ""
    can_add: bool = False
    can_retry: bool = False
    can_remove: bool = False
    can_choose: bool = False
    busy: bool = False

    @property
    def icon_css(self) -> str:
        """The CSS class that makes the loader icon turn; empty for other icons."""
        return "icon-spin" if self.icon == "loader-2" else ""

    @property
    def digest(self) -> str:
        """A digest that changes whenever the reader would see something else. 12 characters."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:12]


def link_badge(link: CodingLink | None, *, is_missing: bool = False) -> LinkView:
    """The word, icon and colour of `link_view` alone, for lists of many links."""
    if link is None:
        return LinkView(_("No link"), *(_MISSING if is_missing else ("circle-dashed", "secondary")))
    word, icon, severity = _badge(link)
    return LinkView(word, *(_MISSING if is_missing else (icon, severity)))


def link_view(link: CodingLink | None, access: Access, *, is_missing: bool = False, by_plan: bool = True) -> LinkView:
    """A link as this reader sees it; None: there is none. Wants `link.integration` joined in.

    `is_missing`: its interview `lacks_link`, which stands out; `by_plan`: because its plan asks for one.
    """
    may_change, badge = access.may.change_schedules, link_badge(link, is_missing=is_missing)
    asked = _asked(by_plan=by_plan) if is_missing else ""
    if link is None:
        return replace(badge, detail=asked, can_add=may_change)
    return replace(
        badge,
        tool=_tool(link),
        detail=" ".join(filter(None, [_detail(link), asked])),
        problem=_problem(link),
        next_step=_next_step(link, access),
        removal=_removal(link),
        can_add=may_change and link.state in {LinkState.CANCELLED, LinkState.EXPIRED, LinkState.FINISHED},
        can_retry=may_change and _can_retry(link),
        can_remove=may_change and _can_remove(link),
        can_choose=may_change and _is_ambiguous(link) and link.integration.is_connected,
        busy=_is_busy(link),
    )


def _asked(*, by_plan: bool) -> str:
    return _("The interview plan asks for a coding link.") if by_plan else _("A coding link is switched on here.")


def asks_for_link(interview: Interview) -> bool:
    """Whether it gets a coding link: its plan says so, or its own switch. Wants `plan_interview` joined in."""
    return bool(interview.asked_tool)


def lacks_link(tool: str, states: Iterable[str]) -> bool:
    """Tell whether an interview to come lacks the link that it asks for.

    `tool` is its `asked_tool`; `states` are those of all links of the interview. A link is
    lacking that was never requested, is removed, or expired unused, also while it is too early to make one. One that
    needs a person is there and has a line of its own; one that was used has served.
    """
    return tool in TOOLS and not any(state in _SERVES for state in states)


def admins_in_words(access: Access) -> str:
    """“Ada, Grace or Linus”: who to ask. Says “an admin” where there is none to name."""
    return get_text_list(access.admin_names[:4], _("or")) or _("an admin of your organization")


def connection_step(kind: str, integration: Integration | None, access: Access) -> Step:
    """The reader's next step for a tool that is not connected or is paused; empty when all is well."""
    if integration is None or not integration.is_connected:
        if access.may.manage_integrations:
            address = access.url("settings-integrations")
            label = _("Connect %(tool)s") % {"tool": tool_name(kind)}
            return Step(_("Connect it once for the whole organization."), address, label)
        return Step(_("Ask %(admins)s to connect it.") % {"admins": admins_in_words(access)})
    if integration.state == Integration.State.PAUSED:
        return _key_step(kind, access, is_said=integration.problem_code == KEY_UNREADABLE)
    return Step()


def _badge(link: CodingLink) -> tuple[str, str, str]:
    if link.needs_a_person or _is_stuck(link):
        return _("Action needed"), "alert-triangle", "danger"
    if _is_held(link):
        return _held_word(link), "hourglass", "warning"
    if link.is_too_early and link.not_before:
        day = formats.date_format(timezone.localtime(link.not_before), "DATE_FORMAT")
        return _("Will be generated on %(date)s") % {"date": day}, "calendar-time", "secondary"
    icon, severity = _ICONS[LinkState(link.state)]
    if link.state == LinkState.UNKNOWN:
        return _("Checking with %(tool)s") % {"tool": _tool(link)}, icon, severity
    return str(LinkState(link.state).label), icon, severity


def _held_word(link: CodingLink) -> str:
    if link.state == LinkState.CANCELLING:
        return str(LinkState(link.state).label)
    if link.integration.is_connected:
        return _("Waiting for %(tool)s") % {"tool": _tool(link)}
    return _("Waiting for %(tool)s to be connected") % {"tool": _tool(link)}


def _tool(link: CodingLink) -> str:
    return tool_name(link.integration.kind)


def _is_ambiguous(link: CodingLink) -> bool:
    return link.state == LinkState.UNKNOWN and link.needs_a_person


def _is_stuck(link: CodingLink) -> bool:
    """It could not be deleted at the vendor, and nothing more happens without a person."""
    return link.state == LinkState.CANCELLING and link.next_attempt_at is None


def _is_held(link: CodingLink) -> bool:
    """It waits for a connection that does not work now. A paused one has time until a link can be made."""
    if link.integration.state == Integration.State.CONNECTED:
        return False
    if link.state == LinkState.CANCELLING:
        return not _is_being_deleted(link)
    if link.is_too_early and link.integration.is_connected:
        return False
    return link.state in {LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN}


def _is_being_deleted(link: CodingLink) -> bool:
    """Its tool was disconnected, and the key is kept until the vendor has deleted it."""
    integration = link.integration
    cleaning = integration.state == Integration.State.DISCONNECTED and bool(integration.key_last4)
    return link.state == LinkState.CANCELLING and cleaning


def _is_busy(link: CodingLink) -> bool:
    if link.is_too_early or link.needs_a_person or _is_stuck(link):
        return False
    if link.integration.state == Integration.State.DISCONNECTED:
        return _is_being_deleted(link)
    moving = {LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN, LinkState.CANCELLING}
    return link.state in moving or (link.edit_due and link.is_usable)


def _can_retry(link: CodingLink) -> bool:
    if not link.integration.is_connected or link.is_too_early:
        return False
    if link.state == LinkState.FAILED:
        return True
    waiting = {LinkState.PENDING, LinkState.CANCELLING, LinkState.READY, LinkState.ACTIVE}
    return link.state in waiting and bool(link.problem_code) and not _is_held(link)


def _can_remove(link: CodingLink) -> bool:
    """A link in use can't be removed. One that the vendor has never seen needs no key."""
    in_use = link.state == LinkState.ACTIVE
    reachable = link.integration.is_connected or link.state in {LinkState.PENDING, LinkState.FAILED}
    return link.is_live and not in_use and not link.cancel_asked and reachable


def _removal(link: CodingLink) -> str:
    """The effect of removing it, to be read before."""
    if not _can_remove(link):
        return ""
    values = {"tool": _tool(link)}
    if link.state == LinkState.UNKNOWN and link.needs_a_person:
        return _("The request is cancelled. Links in %(tool)s stay as they are.") % values
    if not link.integration.is_connected:
        return _("The request is cancelled.")
    if link.state != LinkState.READY:
        return _("The request is cancelled. If %(tool)s has created the link already, it is deleted there.") % values
    if link.is_elsewhere:
        return _("It is removed only here. It belongs to another %(tool)s company than the key.") % values
    return _("The link is deleted in %(tool)s too. Nobody can open it any more.") % values


def _detail(link: CodingLink) -> str:
    values = {"tool": _tool(link)}
    if link.cancel_asked and link.is_live:
        return _("It is removed as soon as %(tool)s has answered.") % values
    if _is_held(link):
        return _held_detail(link)
    if link.is_too_early and link.not_before:
        moment = formats.date_format(timezone.localtime(link.not_before), "DATETIME_FORMAT")
        return _("A link generated now would expire before the interview ends. Planned for %(moment)s.") % {
            "moment": moment
        }
    if link.edit_due and link.is_usable:
        return _("Sending a change to %(tool)s.") % values
    if link.state in {LinkState.PENDING, LinkState.CANCELLING} and link.attempts:
        return _next_try(link)
    if link.state == LinkState.UNKNOWN and not link.needs_a_person:
        return _("The answer from %(tool)s was lost. Checking whether this link exists.") % values
    if link.state == LinkState.READY and link.expires_at:
        moment = formats.date_format(timezone.localtime(link.expires_at), "DATETIME_FORMAT")
        return _("Works until %(moment)s.") % {"moment": moment}
    if link.state == LinkState.EXPIRED:
        return _("It expired in %(tool)s before anyone used it.") % values
    return ""


def _held_detail(link: CodingLink) -> str:
    values = {"tool": _tool(link)}
    if link.integration.is_connected or link.state == LinkState.CANCELLING:
        return _("It continues once the connection to %(tool)s works again.") % values
    if link.state == LinkState.PENDING:
        return _("It will be generated once %(tool)s is connected again.") % values
    return _("Whether it exists is checked once %(tool)s is connected again.") % values


def _next_try(link: CodingLink) -> str:
    at = link.next_attempt_at
    if at is None or at <= timezone.now():
        return ""
    return _("The next attempt is at %(moment)s.") % {"moment": formats.time_format(timezone.localtime(at), "H:i:s")}


def _problem(link: CodingLink) -> str:
    """The sentence about what went wrong, for as long as it matters."""
    settled = {LinkState.CANCELLED, LinkState.EXPIRED, LinkState.FINISHED}
    if link.state in settled or not link.problem_code or _is_held(link):
        return ""
    return problem_of(link)


def _next_step(link: CodingLink, access: Access) -> Step:
    """The reader's next step. Empty where nothing is wrong, and where it goes on without them."""
    if _is_broken_off(link):
        return connection_step(link.integration.kind, link.integration, access)
    if not access.may.change_schedules or not (link.needs_a_person or _is_stuck(link) or _edit_failed(link)):
        return Step()
    if link.problem_code in KEY_PROBLEMS:
        return _key_step(link.integration.kind, access)
    if link.problem_code == "email_refused":
        return _candidate_step(link, access)
    return Step(_advice(link))


def _is_broken_off(link: CodingLink) -> bool:
    """The connection is what is in the way of this link, which needs a person besides. What merely waits for the
    connection does not say again what its page says once."""
    unfinished = link.needs_a_person or _is_stuck(link)
    return unfinished and link.integration.state != Integration.State.CONNECTED


def _edit_failed(link: CodingLink) -> bool:
    """The vendor was not told of a change, and nothing more happens without a person."""
    return link.is_usable and bool(link.problem_code) and not link.edit_due


def _advice(link: CodingLink) -> str:
    values = {"tool": _tool(link)}
    if link.problem_code in SERVER_PROBLEMS:
        return _("Ask whoever runs this server to check its settings and network. Then try again.")
    if link.state == LinkState.CANCELLING:
        return _("It may still be open in %(tool)s. Try again, or delete it there.") % values
    if _edit_failed(link):
        return _("The link works, but %(tool)s has the candidate's old name or address. Try again.") % values
    if _is_ambiguous(link) and link.choices:
        return _("Open them and choose the one for this interview, or generate a new one.")
    if _is_ambiguous(link):
        return _("Look in %(tool)s for an unused link of this candidate, then generate a new one here.") % values
    if link.problem_code in SELF_EXPLAINING:
        return ""
    usual = _lazy("Try again. If it fails once more, remove the link and add it again.")
    return str(_ADVICE.get(link.problem_code, usual)) % values


def _candidate_step(link: CodingLink, access: Access) -> Step:
    text = _("Correct the candidate's e-mail address, then try again.")
    if link.interview is None:
        return Step(text)
    candidate_id = link.interview.schedule.candidate_id
    return Step(text, access.url("candidate", pk=candidate_id), _("Open the candidate"))


def _key_step(kind: str, access: Access, *, is_said: bool = False) -> Step:
    """The step of replacing the key; `is_said`: the problem beside it says so already."""
    if access.may.manage_integrations:
        text = _("Waiting links then continue.") if is_said else _("Replace the key. Waiting links then continue.")
        address = access.url("settings-integration", kind=kind)
        return Step(text, address, pgettext("button", "Replace key"))
    return Step(
        _("Ask %(admins)s to replace the key. Waiting links then continue.") % {"admins": admins_in_words(access)}
    )
