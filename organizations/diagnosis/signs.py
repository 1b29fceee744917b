"""The signs of life of an installation, each read within a second: for `/readyz` and for `manage.py doctor`."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from organizations.hooks.diagnosis import WAITING
from organizations.models import Heartbeat

#: Beat sends its sign every 30 seconds.
SILENT_AFTER = timedelta(minutes=3)
REDIS_SECONDS = 1.0


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def broker_answers() -> bool:
    """Whether tasks can be sent: Redis answers, or the folder of files can be written."""
    if not settings.REDIS_URL:
        folder = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("data_folder_out", settings.DATA_DIR))
        return os.access(folder, os.W_OK | os.X_OK)
    timeouts = {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS}
    try:
        with closing(redis.Redis.from_url(settings.REDIS_URL, **timeouts)) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def beat() -> None:
    """Leave the sign that a worker has carried out what beat sent."""
    Heartbeat.objects.update_or_create(pk=Heartbeat.ONLY, defaults={"at": timezone.now()})


def silent_for(now: datetime) -> timedelta | None:
    """Return how long ago the last sign came; None where there never was one."""
    at = Heartbeat.objects.filter(pk=Heartbeat.ONLY).values_list("at", flat=True).first()
    return None if at is None else max(now - at, timedelta(0))


def background_works(now: datetime) -> bool:
    silent = silent_for(now)
    return silent is not None and silent <= SILENT_AFTER


def waiting(now: datetime) -> dict[str, timedelta]:
    """Return how long the oldest row waits, by what waits. What nothing waits for is left out."""
    return {what: now - at for what, at in oldest_due(now).items() if at is not None}


def oldest_due(now: datetime) -> dict[str, datetime | None]:
    """Return since when the oldest row is due, by what waits; None where nothing waits."""
    return {what: oldest(now) for what, oldest in WAITING.items()}
