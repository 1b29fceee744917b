"""Threads that ask for links while things break: recruiters at the CodeSignal dialog, and plans of new schedules."""

from __future__ import annotations

import queue
import re
import threading
import time
from dataclasses import dataclass, field

import requests
from django.db import DatabaseError, connection, transaction

from benchmarks.scene import Company
from scheduling import coding_links
from scheduling.models import Candidate, Interview

PASSWORD = "tall-ships-sail-9"
# As long as a person looks at a page that does not come, and waits before the next click, in seconds.
MAX_WAIT, AGAIN = 30.0, 1.0
AT_ONCE = 5


@dataclass
class Clicks:
    """The outcome of all clicks. `taken` are the interviews whose click was answered; times in seconds."""

    taken: set[int] = field(default_factory=set)
    tries: int = 0
    lost: int = 0
    refused: int = 0
    answers: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Recruiter(threading.Thread):
    """A recruiter: opens the dialog of each schedule, and clicks "Add CodeSignal link" until the click is taken."""

    def __init__(
        self, address: str, company: Company, todo: queue.SimpleQueue[tuple[int, int]], *, pause: float
    ) -> None:
        super().__init__(daemon=True)
        self._address, self._company, self._todo, self._pause = address, company, todo, pause
        self.clicks = Clicks()
        # Set while a click has been sent and not answered: the moment to kill a web server.
        self.sent = threading.Event()
        self._session = requests.Session()

    def sign_in(self) -> None:
        """Sign in. Raise RuntimeError when it is refused."""
        address = f"{self._address}/sign-in/"
        page = self._session.get(address, timeout=MAX_WAIT)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        form = {
            "csrfmiddlewaretoken": token[1] if token else "",
            "login": self._company.recruiter.email,
            "password": PASSWORD,
        }
        if self._session.post(address, form, timeout=MAX_WAIT, allow_redirects=False).status_code != 302:
            raise RuntimeError("The sign-in was refused.")

    def run(self) -> None:
        while True:
            try:
                schedule, interview = self._todo.get_nowait()
            except queue.Empty:
                return
            while not self._ask(schedule, interview):
                time.sleep(AGAIN)
            time.sleep(self._pause)

    def _ask(self, schedule: int, interview: int) -> bool:
        """Open the dialog once and click once. False when it has to be tried again."""
        base = f"{self._address}/o/{self._company.organization.slug}"
        self.clicks.tries += 1
        try:
            page = self._session.get(
                f"{base}/schedules/{schedule}/links/codesignal/", headers={"HX-Request": "true"}, timeout=MAX_WAIT
            )
        except requests.RequestException:
            return False
        if page.status_code != 200:
            return self._refused(page)
        began = time.monotonic()
        self.sent.set()
        try:
            answer = self._session.post(
                f"{base}/interviews/{interview}/links/codesignal/add/",
                headers={"HX-Request": "true", "X-CSRFToken": self._session.cookies.get("csrftoken", "")},
                timeout=MAX_WAIT,
            )
        except requests.RequestException:
            self.clicks.lost += 1
            return False
        finally:
            self.sent.clear()
        if answer.status_code != 200:
            return self._refused(answer)
        self.clicks.answers.append(time.monotonic() - began)
        self.clicks.taken.add(interview)
        return True

    def _refused(self, answer: requests.Response) -> bool:
        """Count the refusal. Server errors are a reason to try again; a missing permission is a problem to report."""
        self.clicks.refused += 1
        if answer.status_code < 500:
            self.clicks.problems.append(f"{answer.status_code} for {answer.request.method}")
        return False


class Schedules(threading.Thread):
    """A maker of schedules whose plan asks for a link, a few at once, as the builder and the import do."""

    def __init__(self, company: Company, numbers: range, *, pause: float) -> None:
        super().__init__(daemon=True)
        self._company, self._numbers, self._pause = company, numbers, pause
        self.tries = 0

    def run(self) -> None:
        for first in self._numbers[::AT_ONCE]:
            batch = range(first, min(first + AT_ONCE, self._numbers.stop))
            while not self._ask(batch):
                time.sleep(AGAIN)
            time.sleep(self._pause * len(batch))
        connection.close()

    def _ask(self, batch: range) -> bool:
        """Make a batch of schedules in one transaction. False when the database is away."""
        self.tries += 1
        try:
            if not self._is_there(batch[0]):
                with transaction.atomic():
                    for number in batch:
                        schedule = self._company.schedule(number)
                        coding_links.request_default_links(schedule=schedule, actor=self._company.recruiter)
        except DatabaseError:
            connection.close()
            return False
        return True

    def _is_there(self, number: int) -> bool:
        """Whether a commit whose answer was lost took effect."""
        return Candidate.objects.filter(organization=self._company.organization, name=f"Candidate {number}").exists()


def to_click(company: Company, numbers: range) -> queue.SimpleQueue[tuple[int, int]]:
    """Make schedules without a link, as (schedule, interview), for recruiters to click."""
    todo: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
    for number in numbers:
        interview: Interview = company.interview(number)
        todo.put((interview.schedule_id, interview.pk))
    return todo


def let_in(company: Company) -> None:
    """Give the recruiter a password to sign in with."""
    company.recruiter.set_password(PASSWORD)
    company.recruiter.save(update_fields=["password"])
