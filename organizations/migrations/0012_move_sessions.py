"""Moves Django's sessions, so that everybody stays signed in, and leaves none of their ids behind."""

import hashlib
from datetime import timedelta

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations
from django.utils import timezone

#: How long sessions lived before this: their sign-in was that long before their end.
LIVED_FOR = timedelta(days=14)


def move(apps, _editor):
    sessions, users = apps.get_model("sessions", "Session"), apps.get_model("organizations", "User")
    people = {str(pk) for pk in users.objects.values_list("pk", flat=True)}
    for old in sessions.objects.filter(expire_date__gt=timezone.now()).iterator():
        store = SessionStore()
        data = store.decode(old.session_data)
        if data.get(SESSION_KEY) not in people:
            continue
        began = old.expire_date - LIVED_FOR
        data["signed_in"] = {"at": began.isoformat(), "browser": "", "place": ""}
        apps.get_model("organizations", "Session").objects.create(
            key=hashlib.sha256(old.session_key.encode()).hexdigest(),
            data=store.encode(data),
            user_id=data[SESSION_KEY],
            started_at=began,
            ends_at=old.expire_date,
        )
    sessions.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("organizations", "0011_sessions"), ("sessions", "0001_initial")]
    #: Back again everybody signs in anew: a hash does not tell the id.
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
