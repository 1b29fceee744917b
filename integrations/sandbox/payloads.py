"""Payloads of the vendor's webhook events, under the vendor's names."""

from __future__ import annotations

from typing import Any

from integrations.sandbox.model import Feedback, LiveInterview


def finished_payload(interview: LiveInterview, url: str) -> dict[str, Any]:
    """The payload of liveInterviewFinished, with the vendor's names."""
    return {
        "interviewId": interview.id,
        "candidateName": interview.candidate_name,
        "candidateEmail": interview.candidate_email,
        "startDate": interview.started_at,
        "endDate": interview.finished_at,
        "questionsSolved": 1 if interview.started_at else 0,
        "questionsAttempted": 2 if interview.started_at else 0,
        "url": url,
    }


def feedback_payload(interview: LiveInterview, entry: Feedback) -> dict[str, Any]:
    """The payload of liveInterviewFeedbackUpdated, with the vendor's names."""
    return {
        "interviewId": interview.id,
        "interviewerId": entry.author_id,
        "feedback": {
            "generalNotes": entry.notes,
            "categories": feedback_categories(entry),
            "recommendedLevel": entry.recommended_level or None,
            "overallEvaluation": entry.evaluation or None,
        },
    }


def feedback_categories(entry: Feedback) -> list[dict[str, Any]]:
    """One category with an attribute per score; none when nothing was scored."""
    if not entry.scores:
        return []
    attributes = [{"name": name, "score": score, "notes": ""} for name, score in entry.scores.items()]
    return [{"name": "Technical skills", "attributes": attributes}]
