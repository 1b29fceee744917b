"""Make what is built from the source, once before a start: `python -m config.assets`.

Static files under their final names, and the catalogues of languages, in ASSETS_DIR. Needs no database. `make demo` and
`make run` do it at each start; an image, or several machines, do it when they are made.
"""

from __future__ import annotations

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from config import environment
from config.catalogues import compile_catalogues


def make() -> None:
    """Write all assets. Raises OSError and CommandError."""
    from django.conf import settings

    compile_catalogues(settings.LOCALE_PATHS[0])
    call_command("collectstatic", interactive=False, verbosity=0)


def refuse_missing() -> None:
    """Raise ImproperlyConfigured where pages would not find their static files."""
    from django.conf import settings

    if not settings.DEBUG and not (settings.STATIC_ROOT / "staticfiles.json").is_file():
        raise ImproperlyConfigured(
            f"ASSETS_DIR: {settings.ASSETS_DIR} lacks static files. With the same settings, run python -m config.assets"
        )


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    environment.read_dotenv()
    try:
        django.setup()
        make()
    except (ImproperlyConfigured, CommandError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
