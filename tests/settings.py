"""The environment that tests run in, set before config.settings reads it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

_TEST_DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "")
_TEST_REDIS_URL = os.environ.get("TEST_REDIS_URL", "")
if _TEST_REDIS_URL:
    # Test processes side by side must not read each other's cache and messages: a database of Redis for each.
    _number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    _TEST_REDIS_URL += f"?db={_number % 16}"
for _name in (
    "REDIS_URL",
    "PORT",
    "DEMO",
    "DATABASE_URL",
    "EMAIL_FROM",
    "IMAP_HOST",
    "TRUSTED_PROXIES",
    "CODESIGNAL_TIMEOUT",
    "LINK_SETTLE_SECONDS",
    "METRICS_TOKEN",
    "BACKUP_DIR",
    "LOG_FORMAT",
    "SENTRY_DSN",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
):
    os.environ.pop(_name, None)
#: What tests/upgrade has of an earlier version is encrypted with it.
KEY_OF_BEFORE = "dGVzdHMta2V5LW9mLXRoZS12ZXJzaW9uLWJlZm9yZS0="
os.environ |= {
    "PANELIST_IGNORE_DOTENV": "1",
    "SECRET_KEY": "only-for-tests-of-panelist",
    "FERNET_KEYS": f"{Fernet.generate_key().decode()},{KEY_OF_BEFORE}",
    "DATA_DIR": str(Path(tempfile.mkdtemp(prefix="panelist-tests-"))),
    "DEBUG": "false",
    "BASE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "CODESIGNAL_API_URL": "http://127.0.0.1:9/graphql",
    "EMAIL_URL": "memorymail://",
    "ADMIN_SECOND_STEP": "false",
    "CHECK_BREACHED_PASSWORDS": "false",
}
os.environ |= {"DATABASE_URL": _TEST_DATABASE_URL} if _TEST_DATABASE_URL else {}
os.environ |= {"REDIS_URL": _TEST_REDIS_URL} if _TEST_REDIS_URL else {}

from config.catalogues import compile_catalogues  # noqa: E402
from config.settings import *  # noqa: E402, F403

compile_catalogues(LOCALE_PATHS[0])  # noqa: F405
STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405 - the server of static files warns without it
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if not _TEST_DATABASE_URL:
    # A file, as in real use: all threads share a database in memory, and requests of one page at the same time would
    # meet locked tables. In memory nevertheless, where the system has such a folder.
    _folder = Path("/dev/shm") if Path("/dev/shm").is_dir() else DATA_DIR  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / f"panelist-tests-{os.getpid()}.sqlite3")}  # noqa: F405
if not _TEST_REDIS_URL:
    CELERY_BROKER_URL = "memory://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
# A real provider of OpenID Connect, for the tests of single sign-on.
INSTALLED_APPS += ["allauth.idp.oidc"]  # noqa: F405
