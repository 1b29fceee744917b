"""`POST /_control`: the controls, for a test or a benchmark in another process.

Body: {"action": name, "positional": [...], "arguments": {...}}; answer: {"result": ...} or, with HTTP 400,
{"error": sentence}.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from integrations.sandbox.controls import Controls
from integrations.sandbox.directory import VendorError
from integrations.sandbox.gateway import Answer, json_answer
from integrations.sandbox.server import Request

#: Properties of Controls, which are read like methods without arguments.
PROPERTIES = ("faults_fired", "refused_by_rate_limit", "requests")
ACTIONS = (
    *("add_interview", "add_template", "add_webhook", "advance", "clear_faults", "configure", "delete", "fault"),
    *("finish", "forget_requests", "interviews", "key_id", "leave_feedback", "make_key", "max_in_any_second"),
    *("revoke", "start_interview", "templates", "wait_for_requests", "wait_webhooks_idle", "webhook_states"),
    *("add_calendar_entry", "add_calendar_person", "answer_calendar_entry", "calendar_entries", "calendar_fault"),
    *("delete_calendar_entry", "move_calendar_entry"),
    *PROPERTIES,
)


def control(controls: Controls, request: Request) -> Answer:
    """Answer one control call. JSON is required, so that no web page can send one from a person's browser."""
    if request.headers.get_content_type() != "application/json":
        return json_answer(415, {"error": "Send application/json."})
    try:
        asked = json.loads(request.body)
        result = call(controls, asked["action"], *asked["positional"], **asked["arguments"])
    except (VendorError, ValueError, TypeError, KeyError, AttributeError) as error:
        return json_answer(400, {"error": str(error.args[0] if error.args else error)})
    return Answer(200, json.dumps({"result": result}, default=dataclasses.asdict).encode())


def call(controls: Controls, action: str, *positional: Any, **arguments: Any) -> Any:
    """Do one action with arguments from JSON. Raises ValueError for an unknown one."""
    if action not in ACTIONS:
        raise ValueError(f"Unknown action. Use one of: {', '.join(sorted(ACTIONS))}.")
    target = getattr(controls, action)
    return target(*positional, **arguments) if callable(target) else target
