"""The API's addresses under /api/v1/; each app keeps its own."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from apps.portal.views.reference import ApiReference

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", ApiReference.as_view(), name="api-docs"),
    path("", include("apps.approvals.api.urls")),
    path("", include("apps.lineage.api.urls")),
    path("", include("apps.models.api.urls")),
    path("", include("apps.notifications.api.urls")),
    path("", include("apps.accounts.api.urls")),
    path("", include("apps.audit.api.urls")),
]
