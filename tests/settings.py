"""The environment that tests run in, set before config.settings reads it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

_TEST_DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "")
for _name in (
    "REDIS_URL",
    "PORT",
    "DEMO",
    "DATABASE_URL",
    "EMAIL_FROM",
    "CODESIGNAL_TIMEOUT",
    "LINK_SETTLE_SECONDS",
):
    os.environ.pop(_name, None)
os.environ |= {
    "PANELIST_IGNORE_DOTENV": "1",
    "SECRET_KEY": "only-for-tests",
    "FERNET_KEYS": Fernet.generate_key().decode(),
    "DATA_DIR": str(Path(tempfile.mkdtemp(prefix="panelist-tests-"))),
    "DEBUG": "false",
    "BASE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "CODESIGNAL_API_URL": "http://127.0.0.1:9/graphql",
    "EMAIL_URL": "memorymail://",
} | ({"DATABASE_URL": _TEST_DATABASE_URL} if _TEST_DATABASE_URL else {})

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
TESTING_IN_TRANSACTION = True
