"""Every address of the product. Member pages live below /o/<organization>/."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

import integrations.urls
from config.health import healthz, readyz
from config.metrics import exposition
from config.security_txt import security_txt

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", exposition, name="metrics"),
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path("", include("organizations.urls")),
    path("o/<slug:organization>/", include("integrations.urls")),
    path("", include(integrations.urls.top_level)),
    path("o/<slug:organization>/", include("jobs.urls")),
    path("", include("scheduling.urls")),
]
# Last, so that no address of the product is lost to it.
if settings.ADMIN_PATH:
    urlpatterns.append(path(f"{settings.ADMIN_PATH}/", admin.site.urls))
