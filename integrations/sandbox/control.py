"""`POST /_control`: everything a test or a benchmark may do to a sandbox that runs in another process.

Body: {"action": name, "arguments": {...}}; answer: {"result": ...} or, with HTTP 400, {"error": sentence}.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from typing import TYPE_CHECKING, Any

from integrations.sandbox.directory import VendorError
from integrations.sandbox.faults import Fault
from integrations.sandbox.gateway import Answer, json_answer

if TYPE_CHECKING:
    from integrations.sandbox.sandbox import Sandbox
    from integrations.sandbox.server import Request

# Methods of Sandbox, and properties that are read like methods without arguments.
ACTIONS = (
    "add_interview",
    "add_template",
    "add_webhook",
    "advance",
    "clear_faults",
    "configure",
    "delete",
    "fault",
    "faults_fired",
    "finish",
    "forget_requests",
    "interviews",
    "key_id",
    "leave_feedback",
    "make_key",
    "max_in_any_second",
    "refused_by_rate_limit",
    "requests",
    "revoke",
    "start_interview",
    "templates",
    "wait_for_requests",
    "wait_webhooks_idle",
    "webhook_states",
)


def plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    return value


def control(sandbox: Sandbox, request: Request) -> Answer:
    """Answers one control call. JSON is required, so that no web page can send one from a person's
    browser.
    """
    if request.headers.get_content_type() != "application/json":
        return json_answer(415, {"error": "Send application/json."})
    try:
        asked = json.loads(request.body)
        action, arguments = asked["action"], dict(asked.get("arguments") or {})
        if action not in ACTIONS:
            raise ValueError(f"Unknown action. Use one of: {', '.join(ACTIONS)}.")
        return json_answer(200, {"result": plain(call(sandbox, action, arguments))})
    except (VendorError, ValueError, TypeError, KeyError, AttributeError) as error:
        return json_answer(400, {"error": str(error.args[0] if error.args else error)})


def call(sandbox: Sandbox, action: str, arguments: dict[str, Any]) -> Any:
    """Does one action with arguments from JSON. A method's first argument is called what the method calls
    it.
    """
    if "fault" in arguments:
        arguments["fault"] = Fault(arguments["fault"])
    target = getattr(sandbox, action)
    return target(**arguments) if callable(target) else target
