"""The Celery application. Its whole configuration is in settings, under the prefix CELERY_."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("panelist")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
