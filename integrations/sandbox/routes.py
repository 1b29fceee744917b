"""Which page answers which address."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from integrations.sandbox import pages, switches
from integrations.sandbox.controls import Controls
from integrations.sandbox.directory import VendorError
from integrations.sandbox.gateway import Answer
from integrations.sandbox.remote import control
from integrations.sandbox.rendering import HEADERS, Form, message, not_found, redirect
from integrations.sandbox.server import Request

FILES = {"/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml"}
_FORM = re.compile(
    r"/(?P<page>keys|webhooks)"
    r"|/live/(?P<interview>\w+)/(?P<action>start|finish|feedback)"
    r"|/controls/(?P<control>settings|faults|clear|clock)"
    r"|/keys/(?P<key>\w+)/revoke"
    r"|/webhooks/(?P<hook>\w+)/remove"
)


class Routes:
    """Everything but /graphql."""

    def __init__(self, controls: Controls) -> None:
        self.controls = controls
        self._lock = threading.Lock()
        self._unseen_key = ""
        folder = Path(__file__).parent
        self._files = {path: (folder / path[1:]).read_bytes() for path in FILES}

    def answer(self, request: Request) -> Answer:
        if request.path == "/_control":
            return control(self.controls, request)
        if request.method == "GET":
            return self._get(request)
        if not from_own_pages(request, self.controls.vendor.base_url):
            return message("Refused", "This form was sent by another site.", 403)
        submitted = parse_qs(request.body.decode(errors="replace"), keep_blank_values=True, max_num_fields=100)
        try:
            return self._post(request.path, submitted)
        except VendorError as error:
            return not_found(str(error))

    def _get(self, request: Request) -> Answer:
        path = request.path
        if path in FILES:
            return Answer(200, self._files[path], FILES[path], {**HEADERS, "Cache-Control": "max-age=300"})
        match path.split("/")[1:]:
            case [""]:
                number = parse_qs(request.query).get("page", [""])[0]
                return pages.overview(self.controls, int(number) if re.fullmatch("[0-9]{1,6}", number) else 1)
            case ["keys"]:
                with self._lock:
                    new_key, self._unseen_key = self._unseen_key, ""
                return pages.keys_page(self.controls, new_key=new_key)
            case ["webhooks"]:
                return switches.webhooks_page(self.controls)
            case ["controls"]:
                return switches.controls_page(self.controls)
            case ["live", interview_id]:
                return pages.interview_page(self.controls, interview_id)
            case ["l", short]:
                interview_id = self.controls.vendor.by_short.get(short, "")
                return redirect(f"/live/{interview_id}") if interview_id else pages.interview_page(self.controls, "")
        return not_found()

    def _post(self, path: str, submitted: Form) -> Answer:
        """Raise VendorError when what the path names is not there."""
        found = _FORM.fullmatch(path)
        match found and found.groupdict():
            case {"page": "keys"}:
                new_key, answer = pages.make_key(self.controls, submitted)
                with self._lock:
                    self._unseen_key = new_key or self._unseen_key
                return answer
            case {"page": "webhooks"}:
                return switches.save_webhook(self.controls, submitted)
            case {"control": str(what)}:
                return switches.change(self.controls, what, submitted)
            case {"interview": str(interview_id), "action": str(action)}:
                return pages.act_on_interview(self.controls, interview_id, action, submitted)
            case {"key": str(key)}:
                self.controls.revoke(key)
                return redirect("/keys")
            case {"hook": str(hook)}:
                self.controls.webhooks.remove(hook)
                return redirect("/webhooks")
        return not_found()


def from_own_pages(request: Request, base_url: str) -> bool:
    """Whether a form comes from one of the sandbox's own pages: nobody signs in here, so this is the only lock."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in (request.headers.get("Host"), urlsplit(base_url).netloc)
