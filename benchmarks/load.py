"""Fifty people who browse and click, over HTTP from a process of their own: `python -m benchmarks.load`.

Panelist runs as `make run` starts it. Each person goes through lists, a search, details, Communications with its parts,
the dialog of links, "Add link" and the polls that follow, and thinks between two steps. Printed are answers a second,
how long people waited, the CPU that each part of Panelist took for an answer, and what was busiest. Beside it stands
the same list as a plain Django view asks for it: a query for each row.
`[--kind redis|embedded] [--interviews 3000] [--seconds 40] [--processes N] [--threads N] [--dry]`
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.results import put_section, table
from benchmarks.stage import Stage, stage
from tests.config.running import below, command_line, wait_until
from tests.services import free_port

PEOPLE = 50
#: Seconds between two steps of a person. The last is three times as fast as anybody works, to find the limit.
THINKS = (1.0, 0.3)
#: Steps of a round: see `Visitor.steps`.
STEPS = 11
POLLS = 3
TICK = os.sysconf("SC_CLK_TCK")
#: Bounds of an answer in the first of THINKS: 95 of 100 within milliseconds; and answers a second in the second one.
MOST_MS, LEAST_RATE = 200, 80


@dataclass(frozen=True)
class Person:
    """A signed-in recruiter: cookies, and the schedules (with their first interview) that this one opens."""

    cookies: str
    csrf: str
    base: str
    schedules: list[tuple[int, int]]


@dataclass
class Heard:
    """The answers that one crowd got: seconds by kind of request, and what was no answer."""

    times: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)


class Visitor:
    """One person at one connection, as a browser keeps it."""

    def __init__(self, port: int, person: Person, heard: Heard) -> None:
        self.person, self.heard = person, heard
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.is_there = True  # steps before somebody comes ask nothing

    def ask(self, kind: str, path: str, *, part: bool = False, post: bool = False) -> None:
        if not self.is_there:
            return
        headers = {"Cookie": self.person.cookies, "Accept-Encoding": "gzip", "Host": "localhost"}
        if part or post:
            headers["HX-Request"] = "true"
        if post:
            headers |= {"X-CSRFToken": self.person.csrf, "Content-Type": "application/x-www-form-urlencoded"}
        began = time.monotonic()
        try:
            self.connection.request("POST" if post else "GET", self.person.base + path, "" if post else None, headers)
            answer = self.connection.getresponse()
            answer.read()
            problem = "" if answer.status in {200, 204} else f"{kind}: {answer.status}"
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            problem = f"{kind}: {type(error).__name__}"
        self.heard.times.setdefault(kind, []).append(time.monotonic() - began)
        if problem:
            self.heard.errors[problem] += 1

    def steps(self, seed: int) -> Iterator[None]:
        """One step after the other, without end; the person thinks where it yields."""
        chance = random.Random(seed)
        while True:
            schedule, interview = chance.choice(self.person.schedules)
            for kind, path in (
                ("Home", "home/"),
                ("Schedules", "schedules/"),
                ("search", f"schedules/?q=Candidate%20{chance.randrange(100):04}"),
                ("Candidates", "candidates/"),
                ("Details", f"schedules/{schedule}/"),
            ):
                self.ask(kind, path)
                yield
            self.ask("Communications", f"schedules/{schedule}/communications/")
            self.ask("its parts", f"schedules/{schedule}/messages/", part=True)
            self.ask("its parts", f"schedules/{schedule}/join-links/", part=True)
            yield
            self.ask("dialog", f"schedules/{schedule}/links/codesignal/", part=True)
            yield
            self.ask("click", f"interviews/{interview}/links/codesignal/add/", post=True)
            for _ in range(POLLS):
                yield
                self.ask("poll", f"schedules/{schedule}/communications/progress/?tool=codesignal", part=True)
            yield


def crowd(port: int, people: list[Person], think: float, seconds: float, report: Connection, in_step: bool) -> None:
    """Let all of them work for `seconds`, then send what they got. For a process of its own.

    Each begins at another step, as people do who know nothing of each other. `in_step` lets all begin with the first:
    then everybody opens Home within one second, the list of schedules in the next one, and so on.
    """
    all_heard = [Heard() for _ in people]
    until = time.monotonic() + seconds

    def work(number: int) -> None:
        visitor = Visitor(port, people[number], all_heard[number])
        steps = visitor.steps(number)
        visitor.is_there = False
        for _ in range(0 if in_step else number % STEPS):
            next(steps)
        visitor.is_there = True
        time.sleep(think * number / len(people))
        while time.monotonic() < until:
            next(steps)
            time.sleep(think * random.uniform(0.7, 1.3))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = Heard()
    for heard in all_heard:
        together.errors += heard.errors
        for kind, times in heard.times.items():
            together.times.setdefault(kind, []).extend(times)
    report.send(together)


def cpu(pid: int) -> dict[str, float]:
    """CPU seconds until now by part of Panelist, of all processes below this one."""
    names = {"config.web": "web", "celery": "worker and beat", "postgres": "database", "redis": "Redis"}
    found: dict[str, float] = {}
    for one in below(pid):
        try:
            command, spent = command_line(one), cpu_of(one)
        except OSError:
            continue
        for word, name in names.items():
            if word in command:
                found[name] = found.get(name, 0.0) + spent
                break
    return found


def cpu_of(pid: int | None) -> float:
    """CPU seconds of one process until now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def busy() -> tuple[int, int]:
    """Ticks of all cores until now: busy ones, and all."""
    values = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(values) - values[3] - values[4], sum(values)


def people_of(interviews: int, at: Stage) -> list[Person]:
    """Make the organization, and sign its people in; each has schedules to come of their own."""
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string
    from django.test import Client
    from django.utils import timezone

    from benchmarks.organization import fill
    from integrations.models import Integration
    from organizations.models import Membership
    from scheduling.models import Interview

    organization = fill("load", interviews=interviews, people=PEOPLE + 20)
    members = list(Membership.objects.filter(organization=organization).order_by("id")[:PEOPLE])
    Membership.objects.filter(pk__in=[one.pk for one in members]).update(role=Membership.Role.RECRUITER)
    key = at.sandbox.make_key(company="Load")
    integration = Integration.objects.get(organization=organization)
    integration.api_key, integration.key_last4, integration.key_version = key, key[-4:], 1
    integration.save()
    rows = Interview.objects.filter(organization=organization, starts_at__gt=timezone.now(), coding_links=None)
    free = list(rows.order_by("id").values_list("schedule_id", "pk"))
    found = []
    for number, member in enumerate(members):
        client = Client()
        client.force_login(member.user)
        csrf = _get_new_csrf_string()
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={csrf}"
        found.append(Person(cookies, csrf, f"/o/{organization.slug}/", free[number::PEOPLE]))
    return found


def naive_ms() -> tuple[float, float]:
    """CPU milliseconds of the list of schedules: ours, and a plain view's with a query for each row."""
    from django.template import Engine
    from django.test import Client, RequestFactory

    from organizations.models import Membership
    from scheduling.models import Schedule

    organization = Membership.objects.order_by("id")[0].organization
    template = Engine(libraries={}).from_string(NAIVE)
    from django.template import Context

    def plain() -> None:
        request = RequestFactory().get("/")
        rows = Schedule.objects.filter(organization=organization).order_by("-first_starts_at")[:50]
        template.render(Context({"rows": rows, "request": request}))

    client = Client(HTTP_HOST="localhost")
    client.force_login(Membership.objects.filter(organization=organization, role="recruiter").order_by("id")[0].user)
    return median_ms(lambda: client.get(f"/o/{organization.slug}/schedules/")), median_ms(plain)


NAIVE = """<table>{% for row in rows %}<tr><td><a href="/schedules/{{ row.pk }}/">{{ row.candidate.name }}</a></td>
<td>{{ row.job.title }} {{ row.stage.name }}</td><td>{{ row.first_starts_at|date:"D j M Y, H:i" }}</td>
<td>{% for interview in row.interviews.all %}{% for link in interview.coding_links.all %}{{ link.get_state_display }}
{{ link.integration.company_name }}{% endfor %}{% for one in interview.assignments.all %}{{ one.membership.user.name }}
{% endfor %}{% endfor %}</td><td>{{ row.messages.count }}</td><td>{{ row.get_state_display }}</td></tr>{% endfor %}
</table>"""


def median_ms(do: object) -> float:
    assert callable(do)
    do()
    taken = []
    for _ in range(15):
        began = time.thread_time()
        do()
        taken.append((time.thread_time() - began) * 1000)
    return statistics.median(taken)


def shares(times: list[float]) -> str:
    ranked = sorted(times)
    return "; ".join(
        f"{ranked[min(len(ranked) - 1, int(len(ranked) * part))] * 1000:.0f}" for part in (0.5, 0.95, 0.99)
    )


def one_run(
    port: int, people: list[Person], think: float, seconds: float, *, in_step: bool = False
) -> tuple[list[str], list[list[str]], bool]:
    """Let the crowd in. Return a row of the table, rows by kind of request, and whether the bounds hold."""
    ours, theirs = multiprocessing.Pipe()
    before, ticks = cpu(os.getpid()), busy()
    process = multiprocessing.Process(target=crowd, args=(port, people, think, seconds, theirs, in_step), daemon=True)
    process.start()
    heard: Heard = ours.recv()
    after, now = cpu(os.getpid()) | {"the people": cpu_of(process.pid)}, busy()
    process.join()
    times = [one for kind in heard.times.values() for one in kind]
    spent = {name: (after[name] - before.get(name, 0.0)) * 1000 / len(times) for name in after}
    rate, failed = len(times) / seconds, sum(heard.errors.values())
    share = (now[0] - ticks[0]) / max(1, now[1] - ticks[1])
    row = [
        f"{think:g} s{', all in step' if in_step else ''}",
        f"{rate:.1f}",
        shares(times),
        f"{failed} {' '.join(heard.errors)}".strip(),
        ", ".join(f"{name} {value:.1f}" for name, value in sorted(spent.items(), key=lambda one: -one[1])),
        f"{share:.0%}",
    ]
    kinds = [[kind, str(len(found)), shares(found)] for kind, found in heard.times.items()]
    p95 = sorted(times)[int(len(times) * 0.95)] * 1000
    return row, kinds, not failed and (in_step or (p95 <= MOST_MS if think == THINKS[0] else rate >= LEAST_RATE))


def measure(kind: str, interviews: int, seconds: float, environment: dict[str, str]) -> str:
    port = free_port()
    os.environ.update(environment)
    with stage(kind, limit=1000, PORT=str(port), BASE_URL=f"http://localhost:{port}") as at:
        people = people_of(interviews, at)
        at.supervisor()

        def is_up() -> bool:
            try:
                heard = Heard()
                Visitor(port, people[0], heard).ask("first", "candidates/")
                return not heard.errors
            except OSError:
                return False

        wait_until(is_up, 120, "an answer")
        runs = [one_run(port, people, think, seconds) for think in THINKS]
        runs.append(one_run(port, people, THINKS[0], seconds, in_step=True))
        ours, plain = naive_ms()
    head = ["between two steps", "answers a second", "p50; p95; p99 ms", "errors", "CPU ms an answer", "cores busy"]
    kinds = table(["request", "asked", "p50; p95; p99 ms"], runs[0][1])
    name = "PostgreSQL and Redis" if kind == "redis" else "SQLite, messages in files"
    processes, threads = (environment.get(one, "as by default") for one in ("WEB_PROCESSES", "WEB_THREADS"))
    verdict = "within" if all(run[2] for run in runs) else "NOT within"
    return (
        f"**{name}**, {interviews:,} interviews, processes {processes}, threads {threads}: {verdict} the bounds.\n\n"
        f"{table(head, [run[0] for run in runs])}\n\nWith 1 s between two steps:\n\n{kinds}\n\n"
        f"CPU of the list of 50 schedules: {ours:.0f} ms; of a plain view with a query for each row: {plain:.0f} ms.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=["redis", "embedded"])
    parser.add_argument("--interviews", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--processes", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args()
    wanted = {"WEB_PROCESSES": chosen.processes, "WEB_THREADS": chosen.threads}
    environment = {name: str(value) for name, value in wanted.items() if value}
    parts = []
    for kind in [chosen.kind] if chosen.kind else ["embedded", "redis"]:
        # A process of its own: Django is set up once in each.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            parts.append(pool.submit(measure, kind, chosen.interviews, chosen.seconds, environment).result())
        print(parts[-1], flush=True)
    if not chosen.dry:
        bounds = (
            f"Bounds: 95 of 100 within {MOST_MS} ms; {LEAST_RATE} answers a second when people are three times as fast"
        )
        put_section("Load", f"{PEOPLE} people at once. {bounds}; no error.\n\n" + "\n".join(parts))


if __name__ == "__main__":
    main()
