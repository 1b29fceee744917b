from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    name = "organizations"
    verbose_name = _("Organizations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from organizations.hooks.navigation import MENU, SETTINGS_MENU, Entry, everyone
        from organizations.hooks.notices import SOURCES
        from organizations.mail_server import mail_notices

        MENU.append(Entry(50, _("Organization Settings"), "settings", "settings"))
        SETTINGS_MENU += [
            Entry(10, _("Organization"), "building", "settings", whole=True),  # the others' addresses begin with it
            Entry(20, _("Members"), "users", "settings-members"),
            Entry(60, _("Security"), "shield-check", "settings-security"),
            Entry(70, _("Your profile"), "user", "settings-profile", everyone),
        ]
        SOURCES.append(mail_notices)
