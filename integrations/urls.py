"""Addresses of the settings of integrations."""

from django.urls import URLPattern, path

from integrations.views import connect, health, manage, overview

ONE = "settings/integrations/<slug:kind>/"

urlpatterns: list[URLPattern] = [
    path("settings/integrations/", overview.integrations, name="settings-integrations"),
    path("settings/integrations/key-checks/<int:pk>/", connect.key_check, name="settings-key-check"),
    path("settings/integrations/key-checks/<int:pk>/again/", connect.key_check_again, name="settings-key-check-again"),
    path(
        "settings/integrations/key-checks/<int:pk>/accept/", connect.key_check_accept, name="settings-key-check-accept"
    ),
    path(
        "settings/integrations/key-checks/<int:pk>/abandon/",
        connect.key_check_abandon,
        name="settings-key-check-abandon",
    ),
    path(ONE, overview.manage, name="settings-integration"),
    path(f"{ONE}connect/", connect.connect, name="settings-integration-connect"),
    path(f"{ONE}try/", connect.try_out, name="settings-integration-try"),
    path(f"{ONE}check/", manage.check_now, name="settings-integration-check"),
    path(f"{ONE}connection/", manage.connection, name="settings-integration-connection"),
    path(f"{ONE}health/", health.health, name="settings-integration-health"),
    path(f"{ONE}disconnect/", manage.disconnect, name="settings-integration-disconnect"),
    path(f"{ONE}save/", manage.save, name="settings-integration-save"),
    path(f"{ONE}templates/", manage.templates, name="settings-integration-templates"),
    path(f"{ONE}webhook-secret/", manage.webhook_secret, name="settings-integration-webhook-secret"),
    path(f"{ONE}webhook-secret/new/", manage.webhook_secret_new, name="settings-integration-webhook-secret-new"),
]
