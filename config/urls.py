"""Every address of the product. Member pages live below /o/<organization>/."""

from django.contrib import admin
from django.urls import include, path

from config.health import healthz
from config.security_txt import security_txt

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path("", include("organizations.urls")),
    path("o/<slug:organization>/", include("integrations.urls")),
    path("o/<slug:organization>/", include("jobs.urls")),
    path("", include("scheduling.urls")),
    path("admin/", admin.site.urls),
]
