"""Refusals in Graph's words."""

from __future__ import annotations

from integrations.sandbox.calendars.faults import CalendarFault
from integrations.sandbox.gateway import Answer, json_answer


class Refusal(Exception):
    """An answer with a status and Graph's code for the reason; `details` are further members of the error."""

    def __init__(self, status: int, code: str, message: str = "", **details: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.details = status, code, message or code, details

    def answer(self, headers: dict[str, str] | None = None) -> Answer:
        """The answer, as Graph words errors."""
        inner = {"date": "2026-01-01T00:00:00", "request-id": "00000000-0000-4000-8000-000000000000"}
        error = {"code": self.code, "message": self.message, "innerError": inner, **self.details}
        return json_answer(self.status, {"error": error}, headers)


NOT_FOUND = Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")
DENIED = Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
UNAUTHORIZED = Refusal(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
CHANGED = Refusal(
    412,
    "ErrorIrresolvableConflict",
    "The send or update operation could not be performed because the change key passed in the request does not match "
    "the current change key for the item.",
)
TOO_OLD = Refusal(410, "SyncStateNotFound", "The sync state generation is not found.")


def bad_request(message: str) -> Refusal:
    return Refusal(400, "ErrorInvalidRequest", message)


FAULTS = {
    CalendarFault.ERROR_500_BEFORE: Refusal(500, "ErrorInternalServerError", "An internal server error occurred."),
    CalendarFault.ERROR_500_AFTER: Refusal(500, "ErrorInternalServerError", "An internal server error occurred."),
    CalendarFault.UNAVAILABLE: Refusal(503, "ServiceUnavailable", "The service is unavailable."),
    CalendarFault.UNAUTHORIZED: UNAUTHORIZED,
    CalendarFault.FORBIDDEN: DENIED,
    CalendarFault.QUOTA: Refusal(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
    CalendarFault.RATE_LIMITED_RETRY_AFTER: Refusal(429, "TooManyRequests", "Too Many Requests"),
    CalendarFault.RATE_LIMITED_BARE: Refusal(429, "TooManyRequests", "Too Many Requests"),
    CalendarFault.GONE: TOO_OLD,
    CalendarFault.CHANGED: CHANGED,
    CalendarFault.CALENDAR_MISSING: Refusal(404, "ErrorInvalidUser", "The requested user is invalid."),
}
