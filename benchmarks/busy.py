"""Busy times of 60 people in 5 days, and reading the calendars of 500 people: `python -m benchmarks.busy`.

On SQLite, in one process, with a calendar vendor in memory that answers at once: what is measured is Panelist's part.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet

PEOPLE, WEEKS, A_DAY, CHANGED = 500, 4, 6, 5
ASKED, DAYS, TIMES = 60, 5, 30
MOST_QUERIES, MOST_MS = 4, 50.0


def main() -> None:
    """Measure on an empty database, and write the section."""
    with tempfile.TemporaryDirectory(prefix="panelist-bench-") as data:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="config.settings",
            PANELIST_IGNORE_DOTENV="1",
            SECRET_KEY="only-for-a-benchmark-of-busy-times",
            FERNET_KEYS=Fernet.generate_key().decode(),
            DATA_DIR=data,
        )
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _measure()


def _measure() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.results import put_section, table
    from integrations.calendar_registry import CALENDARS
    from organizations.access import Access
    from organizations.models import Membership, Organization, User
    from scheduling.availability.busy import busy_times
    from scheduling.availability.stretches import Stretch
    from scheduling.models import CalendarTime, MemberCalendar
    from tests.scheduling import calendars

    CALENDARS["memory"] = calendars.MEMORY
    organization = Organization.objects.create(name="Bench", slug="bench")
    users = User.objects.bulk_create(
        User(email=f"p{number}@bench.example", name=f"Person {number}") for number in range(PEOPLE)
    )
    members = Membership.objects.bulk_create(
        Membership(organization=organization, user=user, role="recruiter") for user in users
    )
    shared = calendars.connect_calendars(members[0])
    type(shared).objects.filter(pk=shared.pk).update(read_rate=1e6, read_ceiling=1e6)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for member in members:
        calendar = calendars.calendar_for(member, shared)
        book = calendars.VENDOR.book(calendar.external_id)
        book.put(
            *(
                calendars.entry(today + timedelta(days=day, hours=8 + number), title=f"Meeting {number}")
                for day in range(7 * WEEKS)
                for number in range(A_DAY)
            )
        )
    lines = [["all", *_read_all(shared.pk), f"{CalendarTime.objects.count():,}"]]
    for member in members:
        book = calendars.VENDOR.book(f"cal-{member.pk}")
        for number in range(CHANGED):
            book.put(calendars.entry(today + timedelta(days=number + 1, hours=20), title="New"))
    MemberCalendar.objects.update(due_at=datetime.now(UTC))
    lines.append(["changes", *_read_all(shared.pk), f"{PEOPLE * CHANGED:,}"])
    access = Access(organization, users[0], members[0])
    within = Stretch(today, today + timedelta(days=DAYS))
    asked = [member.pk for member in members[:ASKED]]
    spent = []
    for _ in range(TIMES):
        begun = time.thread_time()
        with CaptureQueriesContext(connection) as queries:
            found = busy_times(access=access, within=within, interviewers=asked)
        spent.append((time.thread_time() - begun) * 1000)
    middle, number = statistics.median(spent), sum(map(len, found.values()))
    held = len(queries) <= MOST_QUERIES and middle <= MOST_MS
    body = (
        f"{ASKED} people in {DAYS} days, {number:,} busy times: {len(queries)} queries (at most {MOST_QUERIES}), "
        f"{middle:.1f} ms of CPU (at most {MOST_MS:.0f}): {'held' if held else 'NOT held'}. SQLite.\n\n"
        f"{PEOPLE} people, {WEEKS} weeks, {7 * A_DAY} entries a week each; {CHANGED} changes each. "
        "The vendor answers at once.\n\n"
    ) + table(["what is read", "requests", "seconds of CPU", "rows written"], lines)
    put_section("Busy times and calendars", body)
    print(body)


def _read_all(connection_id: int) -> list[str]:
    from scheduling.availability import snapshots
    from tests.scheduling import calendars

    calls, begun = len(calendars.VENDOR.calls), time.process_time()
    while snapshots.read_due(connection_id):
        pass
    return [f"{len(calendars.VENDOR.calls) - calls:,}", f"{time.process_time() - begun:.1f}"]


if __name__ == "__main__":
    main()
