"""The WSGI application, for `config.web` or another server that reads requests whole before it calls it."""

import os

from django.core.wsgi import get_wsgi_application

from config import watching

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
watching.start()
