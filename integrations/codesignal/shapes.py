"""Vendor JSON to the contract's shapes. Values that do not fit become None or are left out; nothing here raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from integrations.base import Feedback, FeedbackCategory, Score, Template, VendorLink, VendorStatus

#: `LiveInterviewStatus` of the vendor's schema in our words. An archived interview can't be joined either.
STATUSES = {
    "pending": VendorStatus.WAITING,
    "active": VendorStatus.ACTIVE,
    "over": VendorStatus.FINISHED,
    "deleted": VendorStatus.DELETED,
    "archived": VendorStatus.DELETED,
}
_EVALUATIONS = {"strong_no", "no", "yes", "strong_yes"}
_MAX_ID = 200
_MAX_URL = 2000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text(value: object) -> str:
    """A string that any database stores: no NUL, no half of a surrogate pair. Empty for anything but a string."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def identifier(value: object) -> str:
    """A vendor's id; empty when it can't be one."""
    found = text(value)
    return found if found == value and found.strip() == found and len(found) <= _MAX_ID else ""


def web_address(value: object) -> str:
    """An http(s) URL that a browser can be sent to; empty for anything else."""
    found = text(value)
    if found != value or len(found) > _MAX_URL or not found.isprintable() or " " in found:
        return ""
    try:
        parts = urlsplit(found)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        return ""
    return found if usable else ""


def moment(value: object) -> datetime | None:
    """A vendor's Timestamp, milliseconds since 1970, aware and in UTC."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):
        return None


def link(value: object) -> VendorLink | None:
    """A `LiveInterview`; None without an id, a web address or a status we know."""
    if not isinstance(value, dict):
        return None
    word = value.get("status")
    external_id, url = identifier(value.get("id")), web_address(value.get("url"))
    status = STATUSES.get(word) if isinstance(word, str) else None
    if not external_id or not url or status is None:
        return None
    return VendorLink(
        external_id=external_id,
        url=url,
        status=status,
        candidate_name=text(value.get("candidateName")),
        candidate_email=text(value.get("candidateEmail")),
        started_at=moment(value.get("startDate")),
        finished_at=moment(value.get("finishDate")),
        feedback=tuple(_feedback(item) for item in _objects(value.get("interviewersFeedback"))),
    )


def _feedback(value: dict[str, object]) -> Feedback:
    evaluation = text(value.get("evaluation"))
    return Feedback(
        author=_author(value.get("author")),
        notes=text(value.get("notes")),
        evaluation=evaluation if evaluation in _EVALUATIONS else "",
        recommended_level=text(value.get("recommendedLevel")),
        categories=tuple(
            FeedbackCategory(
                name=text(category.get("name")),
                attributes=tuple(_score(attribute) for attribute in _objects(category.get("attributes"))),
            )
            for category in _objects(value.get("categories"))
        ),
    )


def _author(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    profile = value.get("profile")
    name = text(profile.get("name")) if isinstance(profile, dict) else ""
    return name or text(value.get("username"))


def _score(value: dict[str, object]) -> Score:
    score = value.get("score")
    known = isinstance(score, (int, float)) and not isinstance(score, bool) and abs(score) < 1e9
    return Score(
        name=text(value.get("name")),
        score=float(score) if known and isinstance(score, (int, float)) else None,
        notes=text(value.get("notes")),
    )


def template(value: object) -> Template | None:
    """An `InterviewTemplate`; None without an id. A template may have no name at the vendor; then its id is shown."""
    if not isinstance(value, dict) or not (external_id := identifier(value.get("id"))):
        return None
    name = text(value.get("name")).strip() or external_id
    return Template(id=external_id, name=name, is_default=value.get("isCompanyDefault") is True)


def _objects(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
