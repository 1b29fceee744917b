"""Which page answers which address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.sandbox.control import control
from integrations.sandbox.gateway import Answer, error_answer

if TYPE_CHECKING:
    from integrations.sandbox.sandbox import Sandbox
    from integrations.sandbox.server import Request


class Routes:
    """Everything but /graphql."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        if request.path == "/_control" and request.method == "POST":
            return control(self.sandbox, request)
        return error_answer(404, "Not found.")
