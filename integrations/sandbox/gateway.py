"""The answer to one POST to /graphql, faults included."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.api import Api, BadRequest, Prepared
from integrations.sandbox.faults import Acts, Fault, FaultPlan, Rule
from integrations.sandbox.limits import RateLimiter, RequestLog, RequestRecord
from integrations.sandbox.model import ApiKey, RateAnswer, Refusal, Settings
from integrations.sandbox.shapes import Caller
from integrations.sandbox.vendor import Vendor

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"

_BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\r\n"


@dataclass(slots=True)
class Answer:
    """A whole HTTP answer. `promised`: a Content-Length other than the body's; then the connection ends."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None


def json_answer(status: int, body: Mapping[str, Any], headers: dict[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, json.dumps(body).encode(), headers=headers or {})


def error_answer(status: int, *messages: str, headers: dict[str, str] | None = None) -> Answer:
    """GraphQL errors without data."""
    return json_answer(status, {"errors": [{"message": message} for message in messages]}, headers)


class Gateway:
    """Answers GraphQL requests. `None` instead of an answer means: close the connection without a word."""

    def __init__(self, vendor: Vendor, settings: Settings, faults: FaultPlan[Fault], stopping: threading.Event) -> None:
        self.vendor = vendor
        self.settings = settings
        self.faults = faults
        self.stopping = stopping
        self.api = Api()
        self.log = RequestLog()
        self.limiter = RateLimiter()

    def answer(self, authorization: str | None, body: bytes, arrived: float) -> Answer | None:
        """The answer to one request. `authorization` is the header as it came, `arrived` a monotonic time."""
        key = self._key(authorization)
        try:
            prepared = self._prepare(body)
        except (BadRequest, RecursionError) as error:
            record = self.log.add(RequestRecord("invalid", "invalid", arrived, key.id if key else ""))
            self.log.close(record, "invalid")
            errors = error.errors if isinstance(error, BadRequest) else ("The request is nested too deeply.",)
            return error_answer(400, *errors)
        record = self.log.add(RequestRecord(prepared.operations[0], prepared.kind, arrived, key.id if key else ""))
        if key is None:
            self.log.close(record, "unauthorized")
            return refusal(self.settings.bad_key_answer, "Unauthorized")
        refused = self._over_a_limit(key, prepared, record)
        if refused is not None:
            return refused
        return self._act(prepared, Caller(self.vendor, self.settings, key), record)

    def _key(self, authorization: str | None) -> ApiKey | None:
        scheme, _, key = (authorization or "").partition(" ")
        return self.vendor.find_key(key.strip()) if scheme.casefold() == "bearer" and key else None

    def _prepare(self, body: bytes) -> Prepared:
        try:
            request = json.loads(body)
        except ValueError:
            raise BadRequest("The body must be JSON.") from None
        query = request.get("query") if isinstance(request, dict) else None
        variables = (request.get("variables") or {}) if isinstance(request, dict) else None
        if not isinstance(query, str) or not isinstance(variables, dict):
            raise BadRequest('The body must be an object with "query" and "variables".')
        operation_name = request.get("operationName")
        return self.api.prepare(query, variables, operation_name if isinstance(operation_name, str) else None)

    def _over_a_limit(self, key: ApiKey, prepared: Prepared, record: RequestRecord) -> Answer | None:
        settings = self.settings
        limit = settings.mutations_per_second if prepared.kind == "mutation" else settings.queries_per_second
        if not self.limiter.admit(key.id, prepared.kind, record.arrived, limit):
            self.log.close(record, "rate_limited")
            return rate_limited(settings.rate_answer, 1)
        if prepared.cost > settings.max_cost:
            self.log.close(record, "errors")
            return error_answer(200, f"Query cost {prepared.cost} exceeds the maximum cost of {settings.max_cost}")
        if prepared.depth > settings.max_depth:
            self.log.close(record, "errors")
            return error_answer(200, f"Query depth {prepared.depth} exceeds the maximum depth of {settings.max_depth}")
        return None

    def _act(self, prepared: Prepared, caller: Caller, record: RequestRecord) -> Answer | None:
        # Half of the latency is the way there, half the way back, so that a lost connection can fall between.
        if self._pause(self.settings.latency / 2):
            self.log.close(record, "stopped")
            return None
        rule = self.faults.next_for(prepared.operations)
        if rule is not None:
            return self._act_with_fault(rule, prepared, caller, record)
        answer, acted = self._execute(prepared, caller)
        stopped = self._pause(self.settings.latency / 2)
        outcome = "ok" if acted else "errors"
        self.log.close(record, "stopped" if stopped else outcome, acted=acted)
        return None if stopped else answer

    def _act_with_fault(
        self, rule: Rule[Fault], prepared: Prepared, caller: Caller, record: RequestRecord
    ) -> Answer | None:
        fault = rule.fault
        answer, acted = Answer(200), False
        if fault.acts is Acts.FIRST:
            answer, acted = self._execute(prepared, caller)
        if fault.silent:
            record.acted = acted
            stopped = self._pause(self.settings.hold if rule.hold is None else rule.hold)
            if fault.acts is Acts.LATE and not stopped:
                answer, acted = self._execute(prepared, caller)
        else:
            self._pause(self.settings.latency / 2)
        self.log.close(record, f"fault:{fault.value}", acted=acted)
        return self._faulty_answer(rule, prepared, answer)

    def _execute(self, prepared: Prepared, caller: Caller) -> tuple[Answer, bool]:
        denied = [name for name in prepared.operations if caller.lacks(name)]
        if denied and self.settings.denied_answer is not Refusal.ERRORS:
            return refusal(self.settings.denied_answer, "Access Denied"), False
        result = self.api.execute(prepared, caller)
        return json_answer(200, result), not result.get("errors")

    def _pause(self, seconds: float) -> bool:
        """Wait so many seconds. True when the sandbox stops before they are over."""
        return self.stopping.wait(seconds) if seconds > 0 else self.stopping.is_set()

    def _faulty_answer(self, rule: Rule[Fault], prepared: Prepared, good: Answer) -> Answer | None:
        fault = rule.fault
        if fault.silent or fault in (Fault.DROP_BEFORE, Fault.DROP_AFTER):
            return None
        if fault is Fault.CUT_JSON_AFTER:
            return Answer(200, good.body[: len(good.body) // 2])
        if fault is Fault.CUT_BODY_AFTER:
            return Answer(200, good.body[: len(good.body) // 2], promised=len(good.body))
        if fault is Fault.EMPTY_BODY_AFTER:
            return Answer(200)
        if fault in (Fault.NULL_FIELD_BEFORE, Fault.NULL_FIELD_AFTER):
            return json_answer(200, {"data": self._nulls(prepared)})
        if fault in (Fault.ERRORS_IN_200_BEFORE, Fault.ERRORS_IN_200_AFTER):
            error = {"message": "Internal server error", "path": [prepared.roots[0].response_name]}
            return json_answer(200, {"errors": [error], "data": self._nulls(prepared)})
        if fault is Fault.RATE_LIMITED_RETRY_AFTER:
            return rate_limited(RateAnswer.RETRY_AFTER, rule.retry_after)
        return plain_fault(fault)

    def _nulls(self, prepared: Prepared) -> dict[str, None] | None:
        """Null for each field; null as a whole where a field may not be null."""
        if all(self.api.nullable(root.name) for root in prepared.roots):
            return {root.response_name: None for root in prepared.roots}
        return None


def refusal(style: Refusal, message: str) -> Answer:
    """An answer that says no to a key."""
    return error_answer(200 if style is Refusal.ERRORS else int(style.value), message)


def rate_limited(style: RateAnswer, retry_after: int) -> Answer:
    """An answer to a request over the rate limit; `retry_after` in seconds."""
    if style is RateAnswer.ERRORS:
        return error_answer(200, "Rate limit exceeded")
    headers = {"Retry-After": str(retry_after)} if style is RateAnswer.RETRY_AFTER else {}
    return error_answer(429, "Rate limit exceeded", headers=headers)


def plain_fault(fault: Fault) -> Answer:
    """The answers that depend on nothing but the fault."""
    match fault:
        case Fault.ERROR_500_BEFORE | Fault.ERROR_500_AFTER:
            return error_answer(500, "Internal server error")
        case Fault.BAD_GATEWAY_BEFORE | Fault.BAD_GATEWAY_AFTER:
            return Answer(502, _BAD_GATEWAY, HTML)
        case Fault.UNAVAILABLE:
            return Answer(503, b"Service Unavailable", "text/plain; charset=utf-8")
        case Fault.UNAUTHORIZED:
            return refusal(Refusal.UNAUTHORIZED, "Unauthorized")
        case Fault.FORBIDDEN:
            return refusal(Refusal.FORBIDDEN, "Access Denied")
        case Fault.RATE_LIMITED_BARE:
            return rate_limited(RateAnswer.BARE, 1)
        case Fault.RATE_LIMITED_IN_200:
            return rate_limited(RateAnswer.ERRORS, 1)
        case Fault.NULL_DATA_BEFORE | Fault.NULL_DATA_AFTER:
            return json_answer(200, {"data": None})
    raise ValueError(f"No answer for {fault.value}")
