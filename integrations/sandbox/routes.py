"""Which page answers which address."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from integrations.sandbox import pages, switches
from integrations.sandbox.control import control
from integrations.sandbox.directory import VendorError
from integrations.sandbox.gateway import Answer
from integrations.sandbox.html import HEADERS, page, redirect

if TYPE_CHECKING:
    from integrations.sandbox.sandbox import Sandbox
    from integrations.sandbox.server import Request

FILES = {"/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml"}
_INTERVIEW = re.compile(r"/live/(\w+)(?:/(start|finish|feedback))?")
_SHORT = re.compile(r"/l/(\w+)")
_KEY = re.compile(r"/keys/(\w+)/revoke")
_WEBHOOK = re.compile(r"/webhooks/(\w+)/remove")
_CONTROLS = re.compile(r"/controls/(settings|faults|clear|clock)")


class Routes:
    """Everything but /graphql."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._lock = threading.Lock()
        self._unseen_key = ""
        folder = Path(__file__).parent
        self._files = {path: (folder / path[1:]).read_bytes() for path in FILES}

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        if request.path == "/_control":
            return control(self.sandbox, request)
        if request.method == "GET":
            return self._get(request)
        if not from_our_pages(request, self.sandbox.vendor.base_url):
            return page("Refused", "This form was sent by another site.", status=403)
        submitted = parse_qs(request.body.decode(errors="replace"), keep_blank_values=True, max_num_fields=100)
        return self._post(request.path, submitted)

    def _get(self, request: Request) -> Answer:
        path = request.path
        if path in FILES:
            return Answer(200, self._files[path], FILES[path], {**HEADERS, "Cache-Control": "max-age=300"})
        if path == "/":
            number = parse_qs(request.query).get("page", [""])[0]
            return pages.overview(self.sandbox, int(number) if re.fullmatch("[0-9]{1,6}", number) else 1)
        if path == "/keys":
            with self._lock:
                made, self._unseen_key = self._unseen_key, ""
            return pages.keys_page(self.sandbox, made=made)
        if path == "/webhooks":
            return switches.webhooks_page(self.sandbox)
        if path == "/controls":
            return switches.controls_page(self.sandbox)
        if short := _SHORT.fullmatch(path):
            return self._short(short[1])
        interview = _INTERVIEW.fullmatch(path)
        if interview and not interview[2]:
            return pages.interview_page(self.sandbox, interview[1])
        return pages.not_found()

    def _short(self, short: str) -> Answer:
        interview_id = self.sandbox.vendor.by_short.get(short)
        if interview_id is None:
            return pages.interview_page(self.sandbox, "")
        return redirect(f"/live/{interview_id}")

    def _post(self, path: str, submitted: pages.Form) -> Answer:
        if path == "/keys":
            key, answer = pages.make_key(self.sandbox, submitted)
            with self._lock:
                self._unseen_key = key or self._unseen_key
            return answer
        if path == "/webhooks":
            return switches.save_webhook(self.sandbox, submitted)
        if controls := _CONTROLS.fullmatch(path):
            return switches.change(self.sandbox, controls[1], submitted)
        interview = _INTERVIEW.fullmatch(path)
        if interview and interview[2]:
            return pages.act_on_interview(self.sandbox, interview[1], interview[2], submitted)
        return self._end(path)

    def _end(self, path: str) -> Answer:
        try:
            if key := _KEY.fullmatch(path):
                self.sandbox.revoke(key[1])
                return redirect("/keys")
            if hook := _WEBHOOK.fullmatch(path):
                self.sandbox.webhooks.remove(hook[1])
                return redirect("/webhooks")
        except VendorError as error:
            return pages.not_found(str(error))
        return pages.not_found()


def from_our_pages(request: Request, base_url: str) -> bool:
    """Whether a form comes from one of our own pages: nobody signs in here, so this is the only lock."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in (request.headers.get("Host"), urlsplit(base_url).netloc)
