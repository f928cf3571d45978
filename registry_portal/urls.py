"""All addresses: the portal's pages, the API, the admin, sign-on and probes."""

from django.contrib import admin
from django.urls import include, path

from registry_portal import health

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("api/v1/", include("registry_portal.api_urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("apps.accounts.sign_on_urls")),
    path("", include("apps.approvals.portal.urls")),
    path("", include("apps.notifications.portal.urls")),
    path("webhooks/", include("apps.notifications.portal.webhook_urls")),
    path("", include("apps.accounts.portal.urls")),
    path("", include("apps.models.portal.urls")),
    path("", include("apps.lineage.portal.urls")),
    path("", include("apps.portal.urls")),
]

handler404 = "registry_portal.problems.page_not_found"
handler500 = "registry_portal.problems.server_error"
