"""The vendor's own side: companies, keys and live interviews, with the rules of its API.

Every method may be called from any thread. What it changes is in the journal before it returns.
"""

from __future__ import annotations

import bisect
import dataclasses
import hashlib
import heapq
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from integrations.sandbox.directory import Directory, Unknown, VendorError
from integrations.sandbox.model import (
    DEFAULT_COMPANY,
    EVALUATIONS,
    HOUR_MS,
    MAX_HOURS,
    MIN_HOURS,
    Feedback,
    InterviewView,
    LiveInterview,
    Status,
    new_id,
)
from integrations.sandbox.payloads import feedback_payload, finished_payload

Listener = Callable[[str, LiveInterview, dict[str, Any]], None]


def shuffle_key(interview_id: str) -> str:
    """A fixed order that has nothing to do with time, because the vendor documents none."""
    return hashlib.blake2b(interview_id.encode(), digest_size=8).hexdigest()


def restore_interview(row: dict[str, Any]) -> LiveInterview:
    """An interview from its journal row."""
    feedback = [Feedback(**entry) for entry in row.pop("feedback")]
    return LiveInterview(**{**row, "status": Status(row["status"]), "feedback": feedback})


class Vendor(Directory):
    """Everything that CodeSignal would know. `base_url` is what its links start with, without a slash at the
    end.
    """

    def __init__(self, state_path: str | Path | None = None, *, base_url: str = "http://127.0.0.1") -> None:
        super().__init__(state_path)
        self.base_url = base_url
        self.listener: Listener | None = None
        self.live_interviews: dict[str, LiveInterview] = {}
        self.by_short: dict[str, str] = {}
        self._shuffled: dict[str, list[tuple[str, str]]] = {}
        self._by_email: dict[tuple[str, str], set[str]] = {}
        self._expiries: list[tuple[int, str]] = []
        for row in self.journal.load("interview"):
            self._index(restore_interview(row))

    def advance(self, seconds: float) -> None:
        """Move the vendor's clock ahead, so that interviews expire. Raises ValueError beyond ten years."""
        if not 0 <= seconds <= 10 * 366 * 86_400:
            raise ValueError("The clock moves ahead only, and by ten years at most.")
        with self.lock:
            self.clock_offset_ms += int(seconds * 1000)
            self.expire_due()

    # Live interviews, as the API acts on them

    def create(self, company_id: str, fields: Mapping[str, Any], *, key_id: str | None) -> LiveInterview:
        """Make a live interview from the API's input fields; `expirationTime` counts from now."""
        with self.lock:
            self._check_fields(company_id, fields)
            created_at = self.now()
            interview = LiveInterview(
                id=new_id(),
                short=new_id(8),
                company_id=company_id,
                created_at=created_at,
                expires_at=created_at + self._default_lifetime(fields),
                key_id=key_id,
            )
            self._apply(interview, fields)
            self._index(interview)
            self._save(interview)
            return interview

    def edit(self, company_id: str, interview_id: str, fields: Mapping[str, Any]) -> LiveInterview:
        """Change the fields given; the others stay. A deleted or unknown interview is an error."""
        with self.lock:
            interview = self.require(company_id, interview_id)
            if interview.status is Status.DELETED:
                raise VendorError("Live interview not found")
            self._check_fields(company_id, fields)
            self._unindex_email(interview)
            self._apply(interview, fields)
            self._index_email(interview)
            heapq.heappush(self._expiries, (interview.expires_at, interview.id))
            self._save(interview)
            return interview

    def delete(self, company_id: str, interview_id: str) -> str:
        """Delete an interview; one that is deleted already is not found."""
        with self.lock:
            interview = self.require(company_id, interview_id)
            if interview.status is Status.DELETED:
                raise VendorError("Live interview not found")
            interview.status = Status.DELETED
            self._save(interview)
            return interview.id

    def require(self, company_id: str, interview_id: str) -> LiveInterview:
        """The company's interview, deleted ones included; another company's is as unknown as none."""
        with self.lock:
            self.expire_due()
            interview = self.live_interviews.get(interview_id)
            if interview is None or interview.company_id != company_id:
                raise VendorError("Live interview not found")
            return interview

    def listed(
        self, company_id: str, *, email: str | None, first: int, offset: int, deleted: bool
    ) -> list[LiveInterview]:
        """A page of the company's interviews, in an order that means nothing but is always the same."""
        with self.lock:
            self.expire_due()
            if email is None:
                ids = [interview_id for _, interview_id in self._shuffled.get(company_id, ())]
            else:
                ids = sorted(self._by_email.get((company_id, email), ()), key=shuffle_key)
            found = [self.live_interviews[interview_id] for interview_id in ids]
            if not deleted:
                found = [interview for interview in found if interview.status is not Status.DELETED]
            return found[offset : offset + first]

    # What happens on the interview's own page

    def by_id(self, interview_id: str) -> LiveInterview:
        """The interview, deleted or not. Raises Unknown when there is none."""
        self.expire_due()
        interview = self.live_interviews.get(interview_id)
        if interview is None:
            raise Unknown("There is no such interview. Ask the sender for the current link.")
        return interview

    def start_interview(self, interview_id: str) -> None:
        """Pending becomes active."""
        with self.lock:
            interview = self.by_id(interview_id)
            if interview.status is not Status.PENDING:
                raise VendorError("Only an interview that has not started can be started.")
            interview.status = Status.ACTIVE
            interview.started_at = self.now()
            self._save(interview)

    def delete_by_hand(self, interview_id: str) -> None:
        """Somebody at the vendor deletes it."""
        with self.lock:
            self.delete(self.by_id(interview_id).company_id, interview_id)

    def finish(self, interview_id: str) -> None:
        """End a pending or active interview and announce it."""
        with self.lock:
            interview = self.by_id(interview_id)
            if not interview.status.live:
                raise VendorError("This interview is over or deleted already.")
            self._end(interview, self.now())

    def leave_feedback(
        self,
        interview_id: str,
        *,
        author: str = "Sam Interviewer",
        notes: str = "",
        evaluation: str = "",
        recommended_level: str = "",
        scores: Mapping[str, int] | None = None,
    ) -> None:
        """Set one interviewer's feedback (the same author again replaces it) and announce it.

        `evaluation`: strong_no, no, yes, strong_yes or empty. `scores`: 1..4 by attribute name.
        """
        if evaluation and evaluation not in EVALUATIONS:
            raise VendorError(f"Choose an evaluation: {', '.join(EVALUATIONS)}.")
        if any(not 1 <= score <= 4 for score in (scores or {}).values()):
            raise VendorError("A score is a whole number from 1 to 4.")
        with self.lock:
            interview = self.by_id(interview_id)
            if interview.status is Status.DELETED:
                raise VendorError("This interview is deleted.")
            author_id = "user" + hashlib.blake2b(author.encode(), digest_size=6).hexdigest()
            entry = Feedback(author_id, author, notes, evaluation, recommended_level, dict(scores or {}))
            interview.feedback = [each for each in interview.feedback if each.author_id != author_id] + [entry]
            self._save(interview)
            self._announce("liveInterviewFeedbackUpdated", interview, feedback_payload(interview, entry))

    def expire_due(self) -> None:
        """End what is past its time. Called before each read and by the background thread."""
        with self.lock:
            now = self.now()
            while self._expiries and self._expiries[0][0] <= now:
                moment, interview_id = heapq.heappop(self._expiries)
                interview = self.live_interviews[interview_id]
                if interview.status.live and interview.expires_at <= now:
                    interview.expired = True
                    self._end(interview, moment)

    # What tests and pages read

    def interviews(self, *, company: str | None = None, live_only: bool = True) -> list[InterviewView]:
        """Copies of the interviews in the order they were made; of all companies when none is named."""
        with self.lock:
            self.expire_due()
            return [
                self.view(interview)
                for interview in self.live_interviews.values()
                if (interview.status.live or not live_only)
                and company in (None, self.companies[interview.company_id].name)
            ]

    def view(self, interview: LiveInterview) -> InterviewView:
        """A copy for tests and pages."""
        names = [each.name for each in dataclasses.fields(InterviewView)]
        same = {name: getattr(interview, name) for name in names if hasattr(interview, name)}
        same["status"] = interview.status.value
        return InterviewView(
            **same,
            company=self.companies[interview.company_id].name,
            url=self.url_of(interview),
            short_url=f"{self.base_url}/l/{interview.short}",
            feedback_count=len(interview.feedback),
        )

    def url_of(self, interview: LiveInterview) -> str:
        """The direct link."""
        return f"{self.base_url}/live/{interview.id}"

    def add_interview(
        self,
        *,
        company: str = DEFAULT_COMPANY,
        candidate_email: str | None = None,
        candidate_name: str | None = None,
        hours: float = MAX_HOURS,
        template_id: str | None = None,
    ) -> InterviewView:
        """An interview that somebody made by hand at the vendor."""
        fields = {
            "candidateEmail": candidate_email,
            "candidateName": candidate_name,
            "expirationTime": int(hours * HOUR_MS),
            "templateId": template_id,
        }
        with self.lock:
            return self.view(self.create(self.company_named(company).id, fields, key_id=None))

    # Inside

    def _check_fields(self, company_id: str, fields: Mapping[str, Any]) -> None:
        lifetime = fields.get("expirationTime")
        if lifetime is not None and not MIN_HOURS * HOUR_MS <= lifetime <= MAX_HOURS * HOUR_MS:
            raise VendorError("expirationTime must be between 1 and 336 hours, in milliseconds")
        template_id = fields.get("templateId")
        if template_id:
            template = self.templates.get(template_id)
            if template is None or template.company_id != company_id:
                raise VendorError("Interview template not found")

    def _default_lifetime(self, fields: Mapping[str, Any]) -> int:
        template = self.templates.get(fields.get("templateId") or "")
        return (template.default_hours if template else MAX_HOURS) * HOUR_MS

    def _apply(self, interview: LiveInterview, fields: Mapping[str, Any]) -> None:
        for name, attribute in _INPUT_FIELDS.items():
            if name in fields:
                setattr(interview, attribute, fields[name])
        interview.lock_template = bool(interview.lock_template)
        if fields.get("expirationTime") is not None:
            interview.expires_at = interview.created_at + int(fields["expirationTime"])

    def _index(self, interview: LiveInterview) -> None:
        self.live_interviews[interview.id] = interview
        self.by_short[interview.short] = interview.id
        shuffled = self._shuffled.setdefault(interview.company_id, [])
        bisect.insort(shuffled, (shuffle_key(interview.id), interview.id))
        heapq.heappush(self._expiries, (interview.expires_at, interview.id))
        self._index_email(interview)

    def _index_email(self, interview: LiveInterview) -> None:
        if interview.candidate_email is not None:
            self._by_email.setdefault((interview.company_id, interview.candidate_email), set()).add(interview.id)

    def _unindex_email(self, interview: LiveInterview) -> None:
        if interview.candidate_email is not None:
            self._by_email[interview.company_id, interview.candidate_email].discard(interview.id)

    def _end(self, interview: LiveInterview, moment: int) -> None:
        interview.status = Status.OVER
        interview.finished_at = moment
        self._save(interview)
        self._announce("liveInterviewFinished", interview, finished_payload(interview, self.url_of(interview)))

    def _save(self, interview: LiveInterview) -> None:
        self.journal.put("interview", interview.id, dataclasses.asdict(interview))

    def _announce(self, event: str, interview: LiveInterview, payload: dict[str, Any]) -> None:
        if self.listener is not None:
            self.listener(event, interview, payload)


_INPUT_FIELDS = {
    "candidateEmail": "candidate_email",
    "candidateName": "candidate_name",
    "teamId": "team_id",
    "interviewerId": "interviewer_id",
    "templateId": "template_id",
    "lockTemplate": "lock_template",
    "trackCandidateLocation": "track_candidate_location",
    "disableDescriptionCopy": "disable_description_copy",
}
