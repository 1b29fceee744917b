"""Interviews with the links that belong to them, read in a constant number of queries for lists and pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet, prefetch_related_objects

from integrations.connections import SECRETS, integrations_of
from integrations.models import Integration
from organizations.access import Access
from organizations.compiled import among
from organizations.reader_queries import ReaderQuery
from scheduling.coding_links.display import LinkView, lacks_link, link_badge, link_view
from scheduling.coding_links.validity import is_over
from scheduling.models import CodingLink, Interview, LinkState

#: Of an integration, what no row shows: secrets to decrypt and long lists to parse.
_NOT_SHOWN = (*SECRETS, "templates", "permissions")
#: Of a link, what only workers need.
_OF_WORKERS = ("known_ids", "known_complete", "claimed_at", "sent_at", "changed_at")


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One interview, the link that counts for it (None: never asked for), and that link in the reader's words.

    `undeleted` are older links that could not be deleted at the vendor, each with its words. `all_links` are all that
    the interview ever had, oldest first. `is_missing`: the plan asks for a link that is not there.
    """

    interview: Interview
    link: CodingLink | None
    view: LinkView
    undeleted: tuple[tuple[CodingLink, LinkView], ...] = ()
    all_links: tuple[CodingLink, ...] = ()
    is_missing: bool = False

    @property
    def is_open(self) -> bool:
        return _is_open(self.interview)

    @property
    def is_listed(self) -> bool:
        """There is a link to show, or one is missing."""
        if self.undeleted or self.is_missing:
            return True
        gone = {LinkState.CANCELLED, LinkState.EXPIRED} if self.interview.is_cancelled else {LinkState.CANCELLED}
        return self.link is not None and self.link.state not in gone

    @property
    def in_dialog(self) -> bool:
        """Something can be done here. For a cancelled interview: only if the vendor still has a link of it."""
        return self.is_listed or not self.interview.is_cancelled

    def is_in_dialog_of(self, tool: str) -> bool:
        """Something can be done here with this tool: there is no link of another one in its place."""
        links = [self.link, *(link for link, _view in self.undeleted)]
        others = all(link is not None and link.integration.kind != tool for link in links)
        return self.in_dialog and (self.can_add or not others)

    @property
    def tool(self) -> str:
        """The kind of the link's tool, else of the one that the interview asks for; may be empty."""
        if self.link is not None:
            return self.link.integration.kind
        return self.interview.asked_tool

    @property
    def can_add(self) -> bool:
        return self.view.can_add and self.is_open

    @property
    def busy(self) -> bool:
        return self.view.busy or any(view.busy for _link, view in self.undeleted)

    @property
    def digest(self) -> str:
        """A digest that changes whenever the reader would see something else in this row."""
        digests = [self.view.digest, *(view.digest for _link, view in self.undeleted)]
        return "-".join([str(self.link.pk if self.link else 0), *digests])


def _links(access: Access, interviews: list[int]) -> QuerySet[CodingLink]:
    return access.whole(CodingLink).filter(among("interview_id", interviews)).defer(*_OF_WORKERS).order_by()


def _links_with_schedules(access: Access, interviews: list[int]) -> QuerySet[CodingLink]:
    return _links(access, interviews).select_related("interview__schedule")


def _badges(access: Access, interviews: list[int]) -> QuerySet[CodingLink]:
    return _links(access, interviews).only(
        "interview", "integration", "state", "problem_code", "not_before", "next_attempt_at"
    )


_LINKS: Final = ReaderQuery(_links, list)
_BADGES: Final = ReaderQuery(_badges, list)
_LINKS_WITH_SCHEDULES: Final = ReaderQuery(_links_with_schedules, list)


def link_rows(interviews: Iterable[Interview], access: Access) -> list[LinkRow]:
    """One row per interview, in the given order. The reader may see the interviews, and so their links.

    One query for all links, one for plans that were not joined in, and others for integrations that the page has not
    read yet, and for admins' names when needed. Links share one object for each integration, whose secrets are not
    read, and interviews with their schedule.
    """
    listed = {interview.pk: interview for interview in interviews}
    prefetch_related_objects([*listed.values()], "plan_interview")
    schedule = Interview._meta.get_field("schedule")
    known = {pk: interview for pk, interview in listed.items() if schedule.is_cached(interview)}
    rows = _LINKS if len(known) == len(listed) else _LINKS_WITH_SCHEDULES
    links = _by_interview(rows.all(access, list(listed)), access)
    for pk, own in links.items():
        for link in own:
            link.interview = known.get(pk) or link.interview
    return [_row(interview, links.get(interview.pk, []), access) for interview in listed.values()]


def link_badges(asked: Mapping[int, str], access: Access) -> dict[int, LinkView]:
    """The badges of interviews that have a link or lack one, by interview: for lists, which say no more of links.

    `asked`: by interview, the kind of tool whose link it asks for; "" where it is cancelled or over, and lacks none.
    """
    links = _by_interview(_BADGES.all(access, list(asked)), access)
    lacking = {pk for pk, tool in asked.items() if lacks_link(tool, [link.state for link in links.get(pk, ())])}
    return {
        pk: link_badge(_counting(links.get(pk, [])), is_missing=pk in lacking)
        for pk in asked
        if pk in links or pk in lacking
    }


def _by_interview(links: Iterable[CodingLink], access: Access) -> dict[int, list[CodingLink]]:
    """Links by interview, oldest first. Those of one integration share its object."""
    # Sorted here: to read them in this order, SQLite looks through all links instead of those of the interviews.
    found = sorted(links, key=lambda link: link.pk)
    tools = tools_of({link.integration_id for link in found}, access)
    by_interview: dict[int, list[CodingLink]] = {}
    for link in found:
        link.integration = tools[link.integration_id]
        by_interview.setdefault(link.interview_id or 0, []).append(link)
    return by_interview


def _counting(links: Sequence[CodingLink]) -> CodingLink | None:
    """The live link counts; where there is none, the latest."""
    return next((link for link in reversed(links) if link.is_live), links[-1] if links else None)


def tools_of(ids: set[int], access: Access) -> dict[int, Integration]:
    """The integrations of links, by id: mostly those that the page has read for its banner."""
    known = {one.pk: one for one in integrations_of(access).values()} if ids else {}
    if missing := ids - known.keys():
        known |= access.whole(Integration).defer(*_NOT_SHOWN).in_bulk(missing)
    return known


def _is_open(interview: Interview) -> bool:
    """A link can still be of use: the interview is neither cancelled nor over."""
    return not interview.is_cancelled and not is_over(interview)


def _row(interview: Interview, links: Sequence[CodingLink], access: Access) -> LinkRow:
    is_missing = _is_open(interview) and lacks_link(interview.asked_tool, [link.state for link in links])
    link = _counting(links)
    undeleted = [
        other for other in links if other is not link and other.state == LinkState.CANCELLING and other.problem_code
    ]
    return LinkRow(
        interview,
        link,
        link_view(link, access, is_missing=is_missing, by_plan=interview.link_tool is None),
        tuple((other, link_view(other, access)) for other in undeleted),
        tuple(links),
        is_missing,
    )
