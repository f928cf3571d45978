"""Addresses of the log under /api/v1/."""

from django.urls import path

from apps.audit.api import views

urlpatterns = [
    path("audit/events/", views.EventList.as_view(), name="api-audit-events"),
    path("audit/events/export/", views.EventExport.as_view(), name="api-audit-export"),
    path("audit/events/<int:index>/", views.EventByIndex.as_view(), name="api-audit-event-by-index"),
    path("audit/events/<uuid:event_id>/", views.EventDetail.as_view(), name="api-audit-event"),
    path("audit/event-types/", views.EventTypeList.as_view(), name="api-audit-event-types"),
]
