"""Prepare everything before the start: `python -m config.supervisor.prepare demo|run [names of new secrets]`.

Makes the assets, migrates, and creates the first accounts. A process of its own, so that the supervisor, which runs for
months, does not keep Django in memory. Exit status 1 after a failure, which is named on standard error.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing

import django
import redis
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from config import assets, environment
from config.environment import SECRETS
from config.logs import text_of
from config.supervisor import secrets
from config.supervisor.child import die_with_parent


def migrate() -> None:
    """Migrate. Raises CommandError when the database can't be reached."""
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        from django.conf import settings

        engine = str(settings.DATABASES["default"]["ENGINE"]).rpartition(".")[2]
        reason = ": ".join(filter(None, [type(error).__name__, text_of(error)]))
        raise CommandError(f"DATABASE_URL: the {engine} database can't be used ({reason}).") from None


def prepare_assets() -> None:
    """Make the assets of this start. Where ASSETS_DIR names others, they have to be there."""
    if not environment.is_set("ASSETS_DIR"):
        assets.make()
    assets.refuse_missing()


def refresh_statistics() -> None:
    """Let the database know what it holds: after an upgrade there may be new indexes."""
    from organizations.statistics import refresh_statistics as refresh

    refresh()


def reach_redis() -> None:
    """Raise CommandError when Redis can't be reached: a worker would wait for it in silence."""
    from django.conf import settings

    if not settings.REDIS_URL:
        return
    try:
        with closing(redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=5)) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        raise CommandError(f"REDIS_URL: Redis can't be used ({type(error).__name__}: {error}).") from None


def refuse_mixed_data(kind: str, made: list[str]) -> None:
    """Raise CommandError for a demo on real data, real use of demo data, and data whose secrets are missing."""
    from django.conf import settings

    from organizations.models import User
    from scheduling.management.commands.demo_data import is_demo

    if not User.objects.exists():
        return
    if made:
        secrets.forget(settings.DATA_DIR, made)
        lost = " If FERNET_KEYS is lost for good, README tells how to go on." if "FERNET_KEYS" in made else ""
        raise CommandError(
            f"Not set: {', '.join(made)}. The data in the database needs the earlier values. "
            f"Set them again, or restore {SECRETS} from your backup to {settings.DATA_DIR}.{lost}"
        )
    if kind == "run" and is_demo():
        raise CommandError(
            "This database holds the demo, whose passwords are public. Set another DATA_DIR (or DATABASE_URL): "
            "make run DATA_DIR=/srv/panelist"
        )
    if kind == "demo" and not is_demo():
        raise CommandError(
            "This database is in real use. The demo would add accounts with public passwords. Set another DATA_DIR "
            "(or DATABASE_URL): make demo DATA_DIR=./var-demo"
        )


def name_unreadable_secrets() -> None:
    """Say which stored secrets FERNET_KEYS can't read, and pause what needs them. The start goes on."""
    from integrations.unreadable import pause_unreadable, unread

    if found := unread():
        print(
            f"FERNET_KEYS can't read these stored secrets: {', '.join(map(str, found))}. Panelist starts without them. "
            "Add the key they were encrypted with to FERNET_KEYS, behind a comma, and restart. If that key is lost: "
            ".venv/bin/python manage.py forget_unreadable_secrets",
            file=sys.stderr,
        )
    pause_unreadable()


def read_first_password() -> None:
    """Set FIRST_ADMIN_PASSWORD from the file that FIRST_ADMIN_PASSWORD_FILE names."""
    name = "FIRST_ADMIN_PASSWORD"
    if environment.is_set(name):
        os.environ[name] = environment.text(name)
        os.environ.pop(name + environment.FILE, None)


def main(kind: str, made: list[str]) -> int:
    """Prepare everything; return the exit status. `made`: names of the secrets that were created just now."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        prepare_assets()
        migrate()
        refresh_statistics()
        reach_redis()
        refuse_mixed_data(kind, made)
        name_unreadable_secrets()
        read_first_password()
        call_command("demo_data" if kind == "demo" else "first_admin")
    except (ImproperlyConfigured, CommandError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1
    return 0


if __name__ == "__main__":
    die_with_parent()
    sys.exit(main(sys.argv[1], sys.argv[2:]))
