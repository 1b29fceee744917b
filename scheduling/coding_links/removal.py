"""Taking links away, here and at the vendor. Fast, atomic, and without a call of the vendor."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations import audit
from organizations.models import User
from scheduling.coding_links.dispatch import enqueue
from scheduling.coding_links.transitions import compare_and_set, transition
from scheduling.models import CodingLink, LinkState
from scheduling.models.coding_links import LIVE


class LinkError(Exception):
    """A request that makes no sense as things are; `args[0]` is one sentence for the person who made it."""


@transaction.atomic
def remove_link(*, link: CodingLink, actor: User | None, code: str = "removed") -> CodingLink:
    """Remove a link, here and at the vendor. One that is gone or was used stays as it is.

    Raises LinkError for one in progress. A link that is being made is removed once the vendor has answered.
    """
    link = CodingLink.objects.select_for_update().get(pk=link.pk)
    if link.state in {LinkState.PENDING, LinkState.FAILED}:
        transition(link, LinkState.CANCELLED, code=code, actor=actor, next_attempt_at=None)
    elif link.state == LinkState.READY:
        cancel_at_vendor(link, code=code, actor=actor)
    elif link.state == LinkState.UNKNOWN and link.problem_code == "ambiguous":
        abandon(link, because="left_as_is", code=code, actor=actor)
    elif link.state in {LinkState.CREATING, LinkState.UNKNOWN}:
        compare_and_set(link, cancel_asked=True)
        link.cancel_asked = True
    elif link.state == LinkState.ACTIVE and code == "removed":
        raise LinkError(_("This interview is in progress. Its link can't be removed now."))
    if code == "removed":
        audit.record(organization=link.organization, actor=actor, action="link.removed", subject=link)
    return link


@transaction.atomic
def remove_links(*, interviews: Collection[int], actor: User | None) -> None:
    """Remove the links of interviews (ids), but for those in progress. See `remove_link`."""
    links = CodingLink.objects.filter(interview__in=interviews, state__in=LIVE).order_by("id")
    for link in links:
        if link.state != LinkState.ACTIVE:
            remove_link(link=link, actor=actor)


def cancel_at_vendor(link: CodingLink, *, code: str, actor: User | None) -> None:
    """Have a READY link deleted at the vendor. Where the key is of another company, it is left there."""
    if link.is_elsewhere:
        abandon(link, because="left_elsewhere", code=code, actor=actor)
        return
    now = timezone.now()
    moved = transition(
        link,
        LinkState.CANCELLING,
        code=code,
        actor=actor,
        attempts=0,
        edit_due=False,
        problem_code="",
        problem_params={},
        next_attempt_at=now,
    )
    if moved:
        enqueue(link)


def abandon(link: CodingLink, *, because: str, code: str, actor: User | None = None, **fields: Any) -> None:
    """Cancel a link without calling the vendor: what it may have of the link stays there. `fields` as for `transition`.

    `because` says why: `left_as_is` (which interview it is can't be told), `left_elsewhere` (it belongs to another
    company than the key), `left_without_key`.
    """
    transition(link, LinkState.CANCELLED, code=code, because=because, actor=actor, next_attempt_at=None, **fields)
