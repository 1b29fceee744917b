"""`manage.py doctor`: look at a whole installation, and say in a sentence each what is wrong and what to do."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from organizations.diagnosis.checks import all_checks


class Command(BaseCommand):
    help = (
        "Checks settings, database, broker, worker, beat, mail, clocks, keys, address, disk and backups. "
        "Exit status 1: a fault."
    )
    requires_system_checks: list[str] = []  # it reports them itself

    def handle(self, *args: Any, **options: Any) -> None:
        serious = False
        for name, check in all_checks():
            faults = list(check())
            serious = serious or any(fault.is_serious for fault in faults)
            if not faults:
                self.stdout.write(f"ok     {name}")
            for fault in faults:
                self.stdout.write(f"{'FAULT' if fault.is_serious else 'note '}  {name}: {fault.text} {fault.cure}")
        if serious:
            sys.exit(1)
