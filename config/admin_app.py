"""The Django admin as this project installs it: with the product's own site."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class PanelistAdminConfig(AdminConfig):
    """The app `django.contrib.admin`, whose `admin.site` is `organizations.admin_site.PanelistAdminSite`."""

    default_site = "organizations.admin_site.PanelistAdminSite"
