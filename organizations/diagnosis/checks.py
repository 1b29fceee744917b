"""The checks of `manage.py doctor` that every installation needs. Each yields what is wrong, and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from smtplib import SMTPException

import redis
import requests
from django.conf import settings
from django.core import checks as django_checks
from django.core.mail import get_connection
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from organizations.backup import nightly
from organizations.diagnosis import signs
from organizations.hooks.diagnosis import CHECKS, Check, Fault
from organizations.mail_server import can_leave

#: Free space below which a database, or the files of messages, soon can't be written.
LEAST_BYTES = 500_000_000
#: Clocks further apart than this make times in links and sessions wrong.
MOST_SKEW = timedelta(seconds=5)
#: Rows wait a few seconds at most, unless thousands of them do.
LONG_WAIT = timedelta(minutes=5)
SECONDS = 10


def of_settings() -> Iterator[Fault]:
    if settings.DEBUG:
        yield Fault("DEBUG is on: error pages show what is in memory.", "Set DEBUG=false, then restart.")
    if not settings.BASE_URL.startswith("https://"):
        yield Fault(
            "BASE_URL is not https: passwords and links travel readable.",
            "Put a web server with a certificate before Panelist, and set BASE_URL to its address.",
            is_serious=False,
        )
    for problem in django_checks.run_checks(databases=None):
        if problem.level >= django_checks.ERROR:
            yield Fault(str(problem.msg), str(problem.hint or "See the message."))


def of_database() -> Iterator[Fault]:
    if not signs.database_answers():
        yield Fault("The database does not answer.", "Start it, or correct DATABASE_URL.")
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Fault("The database is of another version.", "Run: manage.py migrate")


def of_broker() -> Iterator[Fault]:
    if not signs.broker_answers():
        yield Fault(
            "The broker does not answer, so workers get no work.",
            "Start Redis, or correct REDIS_URL." if settings.REDIS_URL else "Let this user write to DATA_DIR/broker.",
        )


def of_background_work() -> Iterator[Fault]:
    silent = signs.silent_for(timezone.now())
    if silent is None:
        yield Fault("No worker has ever done what beat sends.", "Start a worker and one beat, and wait a minute.")
    elif silent > signs.SILENT_AFTER:
        yield Fault(
            f"Worker or beat has been silent for {minutes(silent)}.",
            "Start both, and look at their logs. Links and messages wait until then.",
        )


def of_waiting_rows() -> Iterator[Fault]:
    for what, waits in signs.waiting(timezone.now()).items():
        if waits > LONG_WAIT:
            yield Fault(
                f"The oldest of the {what} has waited for {minutes(waits)}.",
                "Check the worker, or start more of them.",
                is_serious=False,
            )


def of_mail() -> Iterator[Fault]:
    if not can_leave():
        yield Fault("No mail server is set up, so no messages are sent.", "Set EMAIL_URL, then restart.")
        return
    server = get_connection()
    try:
        server.open()
    except (SMTPException, OSError) as problem:
        yield Fault(
            f"The mail server can't be used ({type(problem).__name__}).",
            "Check host, port, name and password in EMAIL_URL.",
        )
    finally:
        server.close()


def of_clocks() -> Iterator[Fault]:
    for what, then in _other_clocks():
        if abs(then - timezone.now()) > MOST_SKEW:
            yield Fault(f"The clock of {what} and the one here differ.", "Set both by NTP.")


def _other_clocks() -> Iterator[tuple[str, datetime]]:
    if connection.vendor == "postgresql" and signs.database_answers():
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            yield "the database", cursor.fetchone()[0]
    if settings.REDIS_URL and signs.broker_answers():
        with closing(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=signs.REDIS_SECONDS)) as client:
            yield "Redis", datetime.fromtimestamp(client.time()[0], UTC)


def of_web() -> Iterator[Fault]:
    address = f"{settings.BASE_URL}/healthz"
    try:
        answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as problem:
        yield Fault(
            f"BASE_URL does not answer from here ({type(problem).__name__}).",
            "Start the web server and its proxy, or correct BASE_URL. Webhooks and people need this address.",
        )
        return
    if (answer.status_code, answer.text.strip()) != (200, "ok"):
        yield Fault(
            f"BASE_URL answers, but not Panelist ({answer.status_code}).",
            "Check where the proxy leads, and that it passes on the Host header.",
        )


def of_disk() -> Iterator[Fault]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < LEAST_BYTES:
        yield Fault(f"DATA_DIR has {free // 1_000_000} MB left.", "Make room, or move DATA_DIR to a larger disk.")


def minutes(long: timedelta) -> str:
    return f"{max(int(long.total_seconds() // 60), 1)} min"


#: In the order of a start: an earlier fault explains later ones.
ALL: dict[str, Check] = {
    "Settings": of_settings,
    "Database": of_database,
    "Broker": of_broker,
    "Background work": of_background_work,
    "Waiting rows": of_waiting_rows,
    "Mail": of_mail,
    "Clocks": of_clocks,
    "Web": of_web,
    "Disk": of_disk,
    "Backups": nightly.faults,
}
#: Checks that ask the database: without it they say nothing more.
NEED_DATABASE = frozenset({"Background work", "Waiting rows", "Backups"})


def all_checks() -> Iterator[tuple[str, Check]]:
    """Yield every check that makes sense now, by its name."""
    has_database = signs.database_answers()
    for name, check in ALL.items():
        if has_database or name not in NEED_DATABASE:
            yield name, check
    if has_database:
        yield from CHECKS.items()
