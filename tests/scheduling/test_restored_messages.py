"""Messages that waited when a backup was made are not sent by a restore: people may have them already."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core import mail

from organizations.backup import services
from scheduling.messages import delivery
from scheduling.models import CalendarEntry, Message
from tests.conftest import Team
from tests.organizations.backup.rows import alone
from tests.scheduling.message_steps import deliver_all, interview, move, propose, queue, send, staffed_loop, states

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]),
]


def test_what_waited_is_left_to_a_person(team: Team, tmp_path: Path) -> None:
    schedule = staffed_loop(team, "Coding")
    propose(schedule, team)
    queue(schedule, team)
    services.back_up(tmp_path / "backup")
    assert deliver_all(schedule)
    alone()
    restored = services.restore(tmp_path / "backup", replace=True)
    mail.outbox.clear()
    delivery.sweep()
    for pk in Message.objects.order_by("pk").values_list("pk", flat=True):
        delivery.deliver(pk)
    assert mail.outbox == []
    assert set(states(schedule)) == {"unknown"}
    assert f"{Message.objects.count()} messages may have been sent after the backup" in " ".join(restored.notes)
    page = team.client(team.recruiter).get(team.url(f"schedules/{schedule.pk}/messages/dialog/")).content.decode()
    assert "Restored from a backup. The message may have been sent since." in page


def test_the_next_change_of_an_event_is_newer_than_what_calendars_have(team: Team, tmp_path: Path) -> None:
    schedule = staffed_loop(team, "Coding")
    send(schedule, team)
    services.back_up(tmp_path / "backup")
    for _turn in range(3):
        move(interview(schedule, "Coding"), hours=1)
        send(schedule, team)
    known = dict(CalendarEntry.objects.values_list("uid", "sequence"))
    assert known and min(known.values()) >= 3
    alone()
    services.restore(tmp_path / "backup", replace=True)
    move(interview(schedule, "Coding"), hours=5)
    send(schedule, team)
    assert all(entry.sequence > known[entry.uid] for entry in CalendarEntry.objects.all())
