"""Makes the portal's site the one that every table registers with."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    default_site = "apps.core.admin.site.PortalAdminSite"
