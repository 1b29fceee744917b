"""Metrics of the mailbox for answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily

from organizations.metrics import registry
from scheduling.mail_answers import mailbox
from scheduling.models import AnswerMailbox

MAILS = Counter("panelist_answer_mails", "Mails read from the mailbox for answers.", ["outcome"], registry=registry)


def gauges(now: datetime) -> Iterator[GaugeMetricFamily]:
    """Yield how long ago the mailbox was read last; nothing without one."""
    key = mailbox.key()
    row = AnswerMailbox.objects.filter(key=key, read_at__isnull=False).first() if key else None
    if row is not None and row.read_at is not None:
        age = GaugeMetricFamily("panelist_answers_age_seconds", "Since the mailbox for answers was last read.")
        age.add_metric([], (now - row.read_at).total_seconds())
        yield age
