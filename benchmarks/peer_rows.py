"""Fill the peer with an account of fifty checks; print its list's address and a signed-in session, as JSON.

Runs inside the peer's own environment, which has none of this product: `manage.py shell < benchmarks/peer_rows.py`.
"""

import json
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone

models = import_module("hc.api.models")
user = import_module("django.contrib.auth.models").User.objects.create_user("robin", "robin@peer.example", "peer")
project = import_module("hc.accounts.models").Project.objects.create(owner=user, name="Peer", badge_key="peer")
channels = [models.Channel.objects.create(project=project, kind="email", value=f"{n}@peer.example") for n in range(3)]
for number in range(50):
    seen = timezone.now() - timedelta(minutes=number)
    check = models.Check.objects.create(
        project=project, name=f"Nightly job {number}", tags="prod db", n_pings=number, last_ping=seen, status="up"
    )
    check.channel_set.add(*channels)

request = HttpRequest()
request.session = import_module(settings.SESSION_ENGINE).SessionStore()
login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
request.session.save()
cookie = f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}"
print(json.dumps({"address": f"/projects/{project.code}/checks/", "cookie": cookie}))
