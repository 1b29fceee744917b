"""Which page answers which address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from integrations.sandbox import pages, switches
from integrations.sandbox.calendars import pages as calendars
from integrations.sandbox.controls import Controls
from integrations.sandbox.directory import Unknown, VendorError
from integrations.sandbox.gateway import Answer
from integrations.sandbox.remote import control
from integrations.sandbox.rendering import HEADERS, Form, form_of, message, redirect
from integrations.sandbox.server import Request

Function = TypeVar("Function", bound=Callable[..., Answer | None])

#: A calendar's id in an address.
_CALENDAR = r"([\w.@+%-]+)"
FILES = {"/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml"}
#: The function for each page. It is called with the controls, the ids in the address, the form and a problem with it.
PAGES: dict[str, Callable[..., Answer]] = {
    r"/": pages.overview,
    r"/live/(\w+)": pages.interview_page,
    r"/l/(\w+)": pages.short_link,
    r"/keys": pages.keys_page,
    r"/webhooks": switches.webhooks_page,
    r"/calendars": calendars.people_page,
    rf"/calendars/{_CALENDAR}(?:/(-?\d{{1,3}}))?": calendars.week_page,
    r"/meet/([a-z-]+)": lambda controls, id, *_: calendars.call_page(controls, "meet", id),
    r"/teams/([\w-]+)": lambda controls, id, *_: calendars.call_page(controls, "teams", id),
    r"/controls": switches.controls_page,
}
#: The function for each form. The first group is the page that shows the form, and is shown after it.
FORMS: dict[str, Callable[..., Answer | None]] = {
    r"(/live/(\w+))/start": lambda controls, interview, _: controls.start_interview(interview),
    r"(/live/(\w+))/finish": lambda controls, interview, _: controls.finish(interview),
    r"(/live/(\w+))/feedback": pages.leave_feedback,
    r"(/keys)": pages.make_key,
    r"(/keys)/(\w+)/revoke": lambda controls, key, _: controls.revoke(key),
    r"(/webhooks)": switches.save_webhook,
    r"(/calendars)": calendars.add_person,
    rf"(/calendars/{_CALENDAR}/(-?\d{{1,3}}))": calendars.add_entry,
    rf"(/calendars/{_CALENDAR}/(-?\d{{1,3}}))/([\w-]+)": calendars.change_entry,
    r"(/controls)/calendar-faults": calendars.add_fault,
    r"(/webhooks)/(\w+)/remove": lambda controls, hook, _: controls.webhooks.remove(hook),
    r"(/controls)/settings": lambda controls, form: controls.configure(**form),
    r"(/controls)/calls": switches.set_calls,
    r"(/controls)/faults": switches.add_fault,
    r"(/controls)/clear": lambda controls, _: controls.clear_all_faults(),
    r"(/controls)/clock": lambda controls, form: controls.advance(int(form["hours"]) * 3600),
}


def answer(controls: Controls, request: Request) -> Answer:
    """Answer everything but /graphql."""
    if request.path == "/_control":
        return control(controls, request)
    if request.path in FILES:
        body = (Path(__file__).parent / request.path[1:]).read_bytes()
        return Answer(200, body, FILES[request.path], {**HEADERS, "Cache-Control": "max-age=300"})
    try:
        if request.method == "GET":
            return show_page(controls, request.path, form_of(request.query))
        if not from_own_pages(request, controls.vendor.base_url):
            return message("Refused", "This form was sent by another site.", 403)
        return carry_out(controls, request.path, form_of(request.body.decode(errors="replace")))
    except Unknown as error:
        return message("Not found", str(error), 404)


def show_page(controls: Controls, path: str, form: Form, problem: str = "") -> Answer:
    show, ids = match(PAGES, path)
    return show(controls, *ids, form, problem)


def carry_out(controls: Controls, path: str, form: Form) -> Answer:
    """Do what a form asks for and go back to its page. A problem is shown there, with what was typed."""
    act, (page, *ids) = match(FORMS, path)
    try:
        return act(controls, *ids, form) or redirect(page)
    except Unknown:
        raise
    except (VendorError, ValueError) as error:
        problem = str(error) if str(error).endswith(".") else "Check the numbers and choices below."
        return show_page(controls, page, form, problem)


def match(table: Mapping[str, Function], path: str) -> tuple[Function, tuple[str, ...]]:
    """The function for a path, and the groups of its pattern. Raises Unknown when no pattern fits."""
    for pattern, function in table.items():
        if found := re.fullmatch(pattern, path):
            return function, tuple(unquote(each or "") for each in found.groups())
    raise Unknown("There is no such page.")


def from_own_pages(request: Request, base_url: str) -> bool:
    """Whether a form comes from one of the sandbox's own pages: nobody signs in here, so this is the only lock."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in (request.headers.get("Host"), urlsplit(base_url).netloc)
