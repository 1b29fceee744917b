"""The environment that tests run in, set before Django reads it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

os.environ["PANELIST_IGNORE_DOTENV"] = "1"
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
os.environ["SECRET_KEY"] = "only-for-tests"
os.environ["FERNET_KEYS"] = Fernet.generate_key().decode()
os.environ["DATA_DIR"] = str(Path(tempfile.mkdtemp(prefix="panelist-tests-")))
os.environ["DEBUG"] = "false"
os.environ["BASE_URL"] = "http://testserver"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["CODESIGNAL_API_URL"] = "http://127.0.0.1:9/graphql"
os.environ["EMAIL_URL"] = "memorymail://"
for _name in ("REDIS_URL", "PORT", "DEMO"):
    os.environ.pop(_name, None)
if not os.environ.get("TEST_DATABASE_URL"):
    os.environ.pop("DATABASE_URL", None)
else:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
