"""The outcome of a coding link in words: whether it is in use, and its interviewers' feedback.

`CodingLink.feedback` is a list of what `integrations.base.Feedback` holds, as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scheduling.availability.local_time import format_start
from scheduling.models import CodingLink, LinkState


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the interview at the vendor is. `times` may be empty: the vendor does not always tell them."""

    word: str
    icon: str
    severity: str
    times: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    word: str | Promise
    icon: str
    severity: str


@dataclass(frozen=True, slots=True)
class ShownScore:
    """One scored attribute; `score` and `notes` may be empty, not both."""

    name: str
    score: str
    notes: str


@dataclass(frozen=True, slots=True)
class ShownCategory:
    name: str
    scores: tuple[ShownScore, ...]


@dataclass(frozen=True, slots=True)
class ShownFeedback:
    """The feedback of one interviewer. Every part may be empty, but not all."""

    author: str
    evaluation: Evaluation | None
    level: str
    notes: str
    categories: tuple[ShownCategory, ...]


EVALUATIONS = {
    "strong_no": Evaluation(_lazy("Strong no"), "circle-x", "danger"),
    "no": Evaluation(_lazy("No"), "circle-x", "danger"),
    "yes": Evaluation(_lazy("Yes"), "circle-check", "success"),
    "strong_yes": Evaluation(_lazy("Strong yes"), "circle-check", "success"),
}


def progress(link: CodingLink | None, zone: str) -> Progress | None:
    """Not started, in progress or finished, with times as clocks in `zone` show them. None: there is no link to use."""
    if link is None or not link.is_usable:
        return None
    times = []
    if link.started_at:
        times.append(_("Started %(when)s") % {"when": format_start(link.started_at, zone)})
    if link.finished_at:
        times.append(_("Finished %(when)s") % {"when": format_start(link.finished_at, zone)})
    if link.state == LinkState.ACTIVE:
        return Progress(_("In progress"), "player-play", "success", tuple(times))
    if link.state == LinkState.FINISHED:
        return Progress(_("Finished"), "flag", "secondary", tuple(times))
    return Progress(_("Not started"), "circle-dashed", "secondary")


def feedback(links: Iterable[CodingLink | None]) -> list[ShownFeedback]:
    """The feedback on an interview from all links that it had, oldest first. Empty parts are left out."""
    said = [_shown(one) for link in links if link is not None for one in link.feedback if isinstance(one, dict)]
    return [one for one in said if one.evaluation or one.level or one.notes or one.categories]


def _shown(one: Mapping[str, Any]) -> ShownFeedback:
    categories = (
        ShownCategory(_text(each, "name"), tuple(_scores(each.get("attributes") or [])))
        for each in one.get("categories") or []
    )
    return ShownFeedback(
        author=_text(one, "author"),
        evaluation=EVALUATIONS.get(_text(one, "evaluation")),
        level=_text(one, "recommended_level"),
        notes=_text(one, "notes"),
        categories=tuple(category for category in categories if category.scores),
    )


def _scores(attributes: Iterable[Mapping[str, Any]]) -> Iterable[ShownScore]:
    for each in attributes:
        score = each.get("score")
        shown = ShownScore(
            _text(each, "name"),
            number_format(f"{score:g}") if isinstance(score, int | float) else "",
            _text(each, "notes"),
        )
        if shown.score or shown.notes:
            yield shown


def _text(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name) or "").strip()
