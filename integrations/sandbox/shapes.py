"""The caller of the API with its permissions, and the shapes of the API's answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from integrations.sandbox.model import (
    EVALUATIONS,
    HOUR_MS,
    LEVELS,
    ApiKey,
    Feedback,
    LiveInterview,
    Settings,
    Template,
)
from integrations.sandbox.payloads import feedback_categories
from integrations.sandbox.vendor import Vendor

_BASE = ("liveInterview", "liveInterview.company")
_READ = (*_BASE, "liveInterview.company.read")
_WRITE = (*_BASE, "liveInterview.company.write")
NEEDS: dict[str, tuple[str, ...]] = {
    "company": (),
    "interviewTemplates": ("liveInterview",),
    "liveInterview": _READ,
    "liveInterviews": _READ,
    "createLiveInterview": _WRITE,
    "editLiveInterview": _WRITE,
    "deleteLiveInterview": _WRITE,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The key behind a request; the context of each resolver."""

    vendor: Vendor
    settings: Settings
    key: ApiKey

    def lacks(self, operation: str) -> bool:
        """Whether the key misses a permission for the operation."""
        return not set(NEEDS.get(operation, ())) <= set(self.key.permissions)


def company_shape(caller: Caller) -> dict[str, Any]:
    """The key's company as the API shows it."""
    company = caller.vendor.companies[caller.key.company_id]
    return {
        "id": company.id,
        "alias": company.name.casefold().replace(" ", "-"),
        "name": company.name,
        "logo": "",
        "status": "active",
    }


def template_shape(template: Template, used: bool) -> dict[str, Any]:
    """A template as the API shows it; `defaultExpirationTime` is in milliseconds."""
    return {
        "id": template.id,
        "name": template.name,
        "canEdit": False,
        "hasAssociatedInterviews": used,
        "defaultExpirationTime": template.default_hours * HOUR_MS,
        "isCompanyDefault": template.is_default,
        "feedbackSettings": {
            "categories": [{"name": "Technical skills", "attributes": [{"name": "Problem solving", "details": None}]}],
            "overallEvaluation": {"enabled": True, "details": None, "anchors": list(EVALUATIONS)},
            "recommendedLevel": {"enabled": True, "details": None, "levels": list(LEVELS)},
        },
    }


def interview_shape(caller: Caller, interview: LiveInterview) -> dict[str, Any]:
    """An interview as the API shows it."""
    return {
        "id": interview.id,
        "candidateEmail": interview.candidate_email,
        "candidateName": interview.candidate_name,
        "status": interview.status.value,
        "proctoringStatus": None,
        "interviewersFeedback": [feedback_shape(each) for each in interview.feedback],
        "startDate": interview.started_at,
        "finishDate": interview.finished_at,
        "url": caller.vendor.url_of(interview),
        "shortenedUrl": f"{caller.vendor.base_url}/l/{interview.short}",
        "trackCandidateLocation": interview.track_candidate_location,
        "disableDescriptionCopy": interview.disable_description_copy,
        "company": company_shape(caller),
    }


def feedback_shape(entry: Feedback) -> dict[str, Any]:
    """One interviewer's feedback as the API shows it."""
    address = entry.author.casefold().replace(" ", ".") + "@example.com"
    return {
        "author": {
            "id": entry.author_id,
            "username": entry.author_id,
            "profile": {"name": entry.author, "email": address},
        },
        "notes": entry.notes,
        "categories": feedback_categories(entry),
        "recommendedLevel": entry.recommended_level or None,
        "overallEvaluation": entry.evaluation or None,
        "evaluation": entry.evaluation or None,
    }
