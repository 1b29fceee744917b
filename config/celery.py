"""The Celery application. Its whole configuration is in settings, under the prefix CELERY_."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init, worker_ready
from kombu.transport import TRANSPORT_ALIASES

from config import other_versions, task_context  # noqa: F401 - they receive signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Loaded only where no Redis is configured.
TRANSPORT_ALIASES["filesystem"] = "config.file_broker:Transport"

app = Celery("panelist", task_cls="config.other_versions:PatientTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def watch(**_: Any) -> None:
    """Begin to watch this worker, or beat."""
    from config import watching  # it needs the settings, which may not be read before this module

    watching.start()


@worker_ready.connect
@beat_init.connect
def tell_supervisor(**_: Any) -> None:
    """Tell the supervisor that worker or beat is ready: they have no port that it could ask."""
    # Imported late: it also runs as a script, and this package is imported before it.
    from config.supervisor.child import say_ready

    say_ready()
