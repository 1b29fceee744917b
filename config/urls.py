"""Every address of the product. Member pages live below /o/<organization>/."""

from django.contrib import admin
from django.urls import include, path

from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("organizations.urls")),
    path("o/<slug:organization>/", include("integrations.urls")),
    path("o/<slug:organization>/", include("jobs.urls")),
    path("", include("scheduling.urls")),
    path("admin/", admin.site.urls),
]
