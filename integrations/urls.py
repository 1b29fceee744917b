"""Addresses of the settings of integrations."""

from django.urls import URLPattern, path

from integrations.views import (
    calendar_connect,
    calendar_consent,
    calendar_manage,
    connect,
    health,
    manage,
    meeting_servers,
    overview,
)

ONE = "settings/integrations/<slug:kind>/"
CALENDARS = "settings/integrations/calendars/"
OWN = "settings/profile/calendars/"

#: Addresses that no organization is part of: vendors know one for all.
top_level: list[URLPattern] = [
    path("calendars/<slug:kind>/back/", calendar_consent.back, name="calendar-consent-back"),
]

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
    path(f"{CALENDARS}checks/<int:pk>/", calendar_connect.check, name="settings-calendar-check"),
    path(f"{CALENDARS}<slug:kind>/", calendar_manage.manage, name="settings-calendar"),
    path(f"{CALENDARS}<slug:kind>/connect/", calendar_connect.connect, name="settings-calendar-connect"),
    path(f"{CALENDARS}<slug:kind>/try/", calendar_manage.try_out, name="settings-calendar-try"),
    path(f"{CALENDARS}<slug:kind>/check/", calendar_manage.check_now, name="settings-calendar-check-now"),
    path(f"{CALENDARS}<slug:kind>/disconnect/", calendar_manage.disconnect, name="settings-calendar-disconnect"),
    path(f"{OWN}checks/<int:pk>/", calendar_connect.check_own, name="own-calendar-check"),
    path(f"{OWN}<int:pk>/disconnect/", calendar_manage.disconnect_own, name="own-calendar-disconnect"),
    path(f"{OWN}<slug:kind>/connect/", calendar_connect.connect_own, name="own-calendar-connect"),
    path(f"{OWN}<slug:kind>/consent/", calendar_consent.begin, name="own-calendar-consent"),
    path("settings/integrations/video/<slug:kind>/", meeting_servers.meeting_server, name="settings-meeting-server"),
    path(
        "settings/integrations/video/<slug:kind>/remove/",
        meeting_servers.meeting_server_remove,
        name="settings-meeting-server-remove",
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
