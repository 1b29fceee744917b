"""The entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application

from config.supervisor.child import SUPERVISOR_SOCKET, die_with_parent

if os.environ.get(SUPERVISOR_SOCKET):
    # The web server serves from a process of its own, which must not outlive it either.
    die_with_parent()

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
