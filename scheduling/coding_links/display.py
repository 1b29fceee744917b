"""What people read about a coding link: its state in words, what is wrong, and what the reader can do about it.

`link_view` turns a row into words for one reader; every page shows links through it, so that they say the same
everywhere. Nothing here changes anything, and nothing here asks the vendor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from django.utils import formats, timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext

from integrations.models import Integration
from integrations.registry import TOOLS
from organizations.access import Access
from scheduling.models import CodingLink, Interview, LinkState
from scheduling.models.coding_links import LIVE

# What a new key cures: the vendor does not let this one do what it has to.
KEY_PROBLEMS = frozenset(
    {"key_rejected", "key_malformed", "permission_missing", "everything_denied", "credentials_rejected"}
)
# What only whoever runs this server can cure.
SERVER_PROBLEMS = frozenset({"bad_address", "wrong_address", "certificate"})

# Their sentences say already what to do.
SELF_EXPLAINING = frozenset({"given_twice", "keeps_vanishing"})

# What to do about a failure that a person can mend, by its code.
_ADVICE = {
    "template_refused": _lazy("Remove the link here, and add it again with another template."),
    "lifetime": _lazy("Correct the interview's time, then try again."),
    "too_late": _lazy("It needs no link any more. If it takes place later, move it first, then try again."),
    "company_changed": _lazy("Look at the former company's CodeSignal for it, then try again."),
}

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
    """What the reader can do: a sentence and, where a page helps, its address and the words on the link."""

    text: str = ""
    address: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link for one reader. All texts are translated and may be empty, except `word`.

    `tone` is one of Tabler's colours (success, warning, danger, secondary, azure); it never stands without `icon` and
    `word`. `removal` says what removing it would do. `busy`: something is on its way, so the page should ask again.
    """

    word: str
    icon: str
    tone: str
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
        """Makes the icon of something on its way turn."""
        return "icon-spin" if self.icon == "loader-2" else ""

    @property
    def digest(self) -> str:
        """Changes whenever the reader would see something else. 12 characters."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:12]


def link_view(link: CodingLink | None, access: Access, *, is_missing: bool = False) -> LinkView:
    """What this reader sees of a link; of None: that there is none. Wants `link.integration` joined in.

    `is_missing`: its interview `lacks_link`, which stands out.
    """
    asked = _("The interview plan asks for a coding link.") if is_missing else ""
    if link is None:
        icon, tone = ("alert-triangle", "danger") if is_missing else ("circle-dashed", "secondary")
        return LinkView(_("No link"), icon, tone, detail=asked, can_add=access.is_recruiter)
    word, icon, tone = _badge(link)
    if is_missing:
        icon, tone = "alert-triangle", "danger"
    return LinkView(
        word,
        icon,
        tone,
        detail=" ".join(filter(None, [_detail(link), asked])),
        problem=_problem(link),
        next_step=_next_step(link, access),
        removal=_removal(link),
        can_add=access.is_recruiter and link.state in {LinkState.CANCELLED, LinkState.EXPIRED, LinkState.FINISHED},
        can_retry=access.is_recruiter and _can_retry(link),
        can_remove=access.is_recruiter and _can_remove(link),
        can_choose=access.is_recruiter and _is_ambiguous(link) and link.integration.is_connected,
        busy=_is_busy(link),
    )


def asks_for_link(interview: Interview) -> bool:
    """Its plan gives it a coding link. Wants `plan_interview` joined in."""
    return interview.plan_interview is not None and bool(interview.plan_interview.link_tool)


def lacks_link(tool: str, states: Iterable[str]) -> bool:
    """Tell whether an interview to come lacks the link that its plan asks for.

    `tool` is the kind that the plan names, empty for none; `states` are those of all links of the interview. A link is
    lacking that was never requested, is removed, or expired unused, also while it is too early to make one. One that
    needs a person is there and has a line of its own; one that was used has served.
    """
    return tool in TOOLS and not any(state in _SERVES for state in states)


def admins_in_words(access: Access) -> str:
    """“Ada, Grace or Linus”: who to ask. Says “an admin” where there is none to name."""
    return get_text_list(access.admin_names[:4], _("or")) or _("an admin of your organization")


def connection_step(integration: Integration | None, access: Access) -> Step:
    """What the reader can do about a coding tool that is not connected or is paused; empty when all is well."""
    if integration is None or not integration.is_connected:
        if access.is_admin:
            address = access.url("settings-integrations")
            return Step(_("Connect it once for the whole organization."), address, _("Connect CodeSignal"))
        return Step(_("Ask %(admins)s to connect it.") % {"admins": admins_in_words(access)})
    if integration.state == Integration.State.PAUSED:
        return _key_step(access)
    return Step()


def _badge(link: CodingLink) -> tuple[str, str, str]:
    if link.needs_a_person or _is_stuck(link):
        return _("Needs you"), "alert-triangle", "danger"
    if _is_held(link):
        return _held_word(link), "hourglass", "warning"
    if link.waits_for_window and link.not_before:
        day = formats.date_format(timezone.localtime(link.not_before), "j M Y")
        return _("Will be generated on %(date)s") % {"date": day}, "calendar-time", "secondary"
    icon, tone = _ICONS[LinkState(link.state)]
    return str(LinkState(link.state).label), icon, tone


def _held_word(link: CodingLink) -> str:
    if link.state == LinkState.CANCELLING:
        return str(LinkState(link.state).label)
    if link.integration.is_connected:
        return _("Waiting for %(tool)s") % {"tool": _tool(link)}
    return _("Waiting for %(tool)s to be connected") % {"tool": _tool(link)}


def _tool(link: CodingLink) -> str:
    return TOOLS[link.integration.kind].info.name


def _is_ambiguous(link: CodingLink) -> bool:
    return link.state == LinkState.UNKNOWN and link.needs_a_person


def _is_stuck(link: CodingLink) -> bool:
    """It could not be deleted at the vendor, and no further try is made by itself."""
    return link.state == LinkState.CANCELLING and link.next_attempt_at is None


def _is_foreign(link: CodingLink) -> bool:
    """The vendor's company that has it is another than the one whose key we have."""
    return bool(link.company_id and link.integration.company_id and link.company_id != link.integration.company_id)


def _is_held(link: CodingLink) -> bool:
    """It waits for a connection that does not work now. A paused one has time until a link can be made."""
    if link.integration.state == Integration.State.CONNECTED:
        return False
    if link.state == LinkState.CANCELLING:
        return not _is_being_deleted(link)
    if link.waits_for_window and link.integration.is_connected:
        return False
    return link.state in {LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN}


def _is_being_deleted(link: CodingLink) -> bool:
    """Its tool was disconnected, and the key is kept until the vendor has deleted it."""
    integration = link.integration
    cleaning = integration.state == Integration.State.DISCONNECTED and bool(integration.key_last4)
    return link.state == LinkState.CANCELLING and cleaning


def _is_busy(link: CodingLink) -> bool:
    if link.waits_for_window or link.needs_a_person or _is_stuck(link):
        return False
    if link.integration.state == Integration.State.DISCONNECTED:
        return _is_being_deleted(link)
    moving = {LinkState.PENDING, LinkState.CREATING, LinkState.UNKNOWN, LinkState.CANCELLING}
    return link.state in moving or (link.edit_due and link.is_usable)


def _can_retry(link: CodingLink) -> bool:
    if not link.integration.is_connected or link.waits_for_window:
        return False
    if link.state == LinkState.FAILED:
        return True
    waiting = {LinkState.PENDING, LinkState.CANCELLING, LinkState.READY, LinkState.ACTIVE}
    return link.state in waiting and bool(link.problem_code) and not _is_held(link)


def _can_remove(link: CodingLink) -> bool:
    """A link that is in use is not taken away from under people's hands. What the vendor never saw needs no key."""
    in_use = link.state == LinkState.ACTIVE
    reachable = link.integration.is_connected or link.state in {LinkState.PENDING, LinkState.FAILED}
    return link.is_live and not in_use and not link.cancel_asked and reachable


def _removal(link: CodingLink) -> str:
    """What removing does, to be read before it is done."""
    if not _can_remove(link):
        return ""
    if link.state == LinkState.UNKNOWN and link.needs_a_person:
        return _("The request is taken back. What CodeSignal has for this candidate is left as it is.")
    if not link.integration.is_connected:
        return _("The request is taken back.")
    if link.state != LinkState.READY:
        return _("The request is taken back. If CodeSignal has made the link already, it is deleted there.")
    if _is_foreign(link):
        return _(
            "It is only removed here: it belongs to another CodeSignal company than the key, "
            "so it can't be deleted there."
        )
    return _("The link is deleted at CodeSignal as well. Whoever has it can't open it any more.")


def _detail(link: CodingLink) -> str:
    if link.cancel_asked and link.is_live:
        return _("It is removed as soon as CodeSignal has answered.")
    if _is_held(link):
        return _held_detail(link)
    if link.waits_for_window and link.not_before:
        moment = formats.date_format(timezone.localtime(link.not_before), "j M Y, H:i")
        return _("Made earlier, it would have expired by the end of the interview. It will be made on %(moment)s.") % {
            "moment": moment
        }
    if link.edit_due and link.is_usable:
        return _("A change is on its way to CodeSignal.")
    if link.state in {LinkState.PENDING, LinkState.CANCELLING} and link.attempts:
        return _next_try(link)
    if link.state == LinkState.UNKNOWN and not link.needs_a_person:
        return _("CodeSignal's answer was lost. Before another link is made, we look whether this one exists.")
    if link.state == LinkState.READY and link.expires_at:
        moment = formats.date_format(timezone.localtime(link.expires_at), "j M Y, H:i")
        return _("Works until %(moment)s.") % {"moment": moment}
    if link.state == LinkState.EXPIRED:
        return _("Its time at CodeSignal passed without anybody using it.")
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
    """What went wrong, for as long as it matters."""
    settled = {LinkState.CANCELLED, LinkState.EXPIRED, LinkState.FINISHED}
    if link.state in settled or not link.problem_code or _is_held(link):
        return ""
    return link.problem or _("Something went wrong while talking to CodeSignal.")


def _next_step(link: CodingLink, access: Access) -> Step:
    """What the reader can do. Empty where nothing is wrong, and where it goes on by itself."""
    if _is_broken_off(link):
        return connection_step(link.integration, access)
    if not access.is_recruiter or not (link.needs_a_person or _is_stuck(link) or _edit_failed(link)):
        return Step()
    if link.problem_code in KEY_PROBLEMS:
        return _key_step(access)
    if link.problem_code == "email_refused":
        return _candidate_step(link, access)
    return Step(_advice(link))


def _is_broken_off(link: CodingLink) -> bool:
    """The connection is what is in the way of this link, which needs a person besides. What merely waits for the
    connection does not say again what its page says once."""
    unfinished = link.needs_a_person or _is_stuck(link)
    return unfinished and link.integration.state != Integration.State.CONNECTED


def _edit_failed(link: CodingLink) -> bool:
    """The vendor was not told of a change, and no further try is made by itself."""
    return link.is_usable and bool(link.problem_code) and not link.edit_due


def _advice(link: CodingLink) -> str:
    if link.problem_code in SERVER_PROBLEMS:
        return _("Whoever runs this server has to correct CODESIGNAL_API_URL or the network. Then try again.")
    if link.state == LinkState.CANCELLING:
        return _("It may still be open at CodeSignal. Try again, or delete it there by hand.")
    if _edit_failed(link):
        return _("The link works, but CodeSignal was not told of the candidate's new name or address. Try again.")
    if _is_ambiguous(link) and link.choices:
        return _("Open them and choose the one that belongs to this interview, or let a new one be made.")
    if _is_ambiguous(link):
        return _("Look at CodeSignal for a link of this candidate that nobody uses, then let a new one be made here.")
    if link.problem_code in SELF_EXPLAINING:
        return ""
    usual = _lazy("Try again. If it fails once more, remove the link and add it again.")
    return str(_ADVICE.get(link.problem_code, usual))


def _candidate_step(link: CodingLink, access: Access) -> Step:
    text = _("Correct the candidate's e-mail address, then try again.")
    if link.interview is None:
        return Step(text)
    candidate_id = link.interview.schedule.candidate_id
    return Step(text, access.url("candidate", pk=candidate_id), _("Open the candidate"))


def _key_step(access: Access) -> Step:
    if access.is_admin:
        text = _("Replace the key. What waits then continues.")
        return Step(text, access.url("settings-codesignal"), pgettext("button", "Replace key"))
    return Step(
        _("Ask %(admins)s to replace the key. What waits then continues.") % {"admins": admins_in_words(access)}
    )
