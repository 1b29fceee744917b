"""A calendar vendor's surface: its addresses, its words, and its faults over the world of calendars."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from typing import Any

from integrations.sandbox.calendars.faults import CalendarFault
from integrations.sandbox.calendars.world import World
from integrations.sandbox.faults import Acts, FaultPlan, Rule
from integrations.sandbox.gateway import HTML, Answer
from integrations.sandbox.limits import RequestLog, RequestRecord
from integrations.sandbox.model import Settings
from integrations.sandbox.server import Request

#: A page token that `HALF_PAGE` hands out: the page behind it is answered with HTTP 500.
BROKEN_PAGE = "broken-page"


class Surface(ABC):
    """One vendor. `prefix` begins its addresses here, and `operations` are what faults can be bound to.

    `log` holds its requests, and `faults` its rules. A vendor's package says how a request is named and answered, what
    its refusals look like, and where the items of a list stand in its answers (`items`).
    """

    prefix: str
    operations: tuple[str, ...]
    items: str

    def __init__(self, world: World, settings: Settings, stopping: threading.Event, base_url: str = "") -> None:
        self.world, self.settings, self.stopping = world, settings, stopping
        self.base_url = base_url
        self.faults: FaultPlan[CalendarFault] = FaultPlan(CalendarFault, self.operations)
        self.log = RequestLog()
        self.fault = self.faults.add

    @abstractmethod
    def operation(self, request: Request) -> str:
        """The request's name, one of `operations`; "invalid" for others."""

    @abstractmethod
    def handle(self, request: Request) -> Answer:
        """The answer without faults. It is called with the world's lock held."""

    @abstractmethod
    def refuse(self, fault: CalendarFault, retry_after: int) -> Answer:
        """The vendor's answer for the faults that are a status of their own."""

    @abstractmethod
    def halved(self, body: dict[str, Any]) -> dict[str, Any]:
        """A list's answer with its first half, and an address or token of a next page that has `BROKEN_PAGE` in it."""

    def answer(self, request: Request) -> Answer | None:
        """The answer to a request; None closes the connection without one."""
        name = self.operation(request)
        reads = request.method == "GET"
        record = self.log.add(RequestRecord(name, "query" if reads else "mutation", request.arrived, ""))
        if self._pause(self.settings.latency):
            self.log.close(record, "stopped")
            return None
        if BROKEN_PAGE in request.query:
            self.log.close(record, "fault:half_page")
            return self.refuse(CalendarFault.ERROR_500_BEFORE, 0)
        rule = self.faults.next_for((name,))
        if rule is None:
            answer = self._act(request)
            self.log.close(record, "ok" if answer.status < 400 else "errors", acted=answer.status < 400)
            return answer
        return self._faulty(rule, request, record)

    def _act(self, request: Request) -> Answer:
        with self.world.lock:
            return self.handle(request)

    def _faulty(self, rule: Rule[CalendarFault], request: Request, record: RequestRecord) -> Answer | None:
        fault = rule.fault
        good = self._act(request) if fault.acts is Acts.FIRST else Answer(200)
        record.acted = fault.acts is Acts.FIRST and good.status < 400
        if fault in (CalendarFault.SILENCE_BEFORE, CalendarFault.SILENCE_AFTER):
            self._pause(self.settings.hold if rule.hold is None else rule.hold)
        self.log.close(record, f"fault:{fault.value}", acted=record.acted)
        return self._faulty_answer(fault, good, rule.retry_after)

    def _faulty_answer(self, fault: CalendarFault, good: Answer, retry_after: int) -> Answer | None:
        match fault:
            case CalendarFault.DROP_BEFORE | CalendarFault.DROP_AFTER:
                return None
            case CalendarFault.SILENCE_BEFORE | CalendarFault.SILENCE_AFTER:
                return None
            case CalendarFault.CUT_JSON_AFTER:
                return Answer(good.status if good.body else 200, good.body[: len(good.body) // 2] or b"{")
            case CalendarFault.GARBAGE_AFTER:
                return Answer(200, b"<html><body>Sign in to continue</body></html>", HTML)
            case CalendarFault.EMPTY_BODY_AFTER:
                return Answer(200)
            case CalendarFault.HALF_PAGE | CalendarFault.DUPLICATES:
                return self._spoiled(fault, good)
        return self.refuse(fault, retry_after)

    def _spoiled(self, fault: CalendarFault, good: Answer) -> Answer:
        """A list's answer, halved or doubled; other answers stay as they are."""
        body = json.loads(good.body) if good.body else None
        if not isinstance(body, dict) or not isinstance(body.get(self.items), list):
            return good
        spoiled = {**body, self.items: body[self.items] * 2} if fault is CalendarFault.DUPLICATES else self.halved(body)
        return Answer(good.status, json.dumps(spoiled).encode(), good.content_type, good.headers)

    def _pause(self, seconds: float) -> bool:
        """Wait so many seconds. True when the sandbox stops before they are over."""
        return self.stopping.wait(seconds) if seconds > 0 else self.stopping.is_set()
