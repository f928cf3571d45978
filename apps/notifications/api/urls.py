"""Addresses of webhooks and inbox under /api/v1/."""

from django.urls import path

from apps.notifications.api import inbox, views

urlpatterns = [
    path("webhooks/", views.EndpointList.as_view(), name="api-webhooks"),
    path("webhooks/<int:pk>/", views.EndpointDetail.as_view(), name="api-webhook"),
    path("webhooks/<int:pk>/rotate-secret/", views.EndpointRotate.as_view(), name="api-webhook-rotate-secret"),
    path("webhooks/<int:pk>/disable/", views.EndpointDisable.as_view(), name="api-webhook-disable"),
    path("webhooks/<int:pk>/enable/", views.EndpointEnable.as_view(), name="api-webhook-enable"),
    path("webhooks/<int:pk>/ping/", views.EndpointPing.as_view(), name="api-webhook-ping"),
    path("webhooks/<int:pk>/redeliver/", views.DeliveryRange.as_view(), name="api-webhook-redeliver"),
    path("webhooks/<int:pk>/deliveries/", views.DeliveryList.as_view(), name="api-deliveries"),
    path("webhooks/<int:pk>/deliveries/<int:delivery_pk>/", views.DeliveryDetail.as_view(), name="api-delivery"),
    path(
        "webhooks/<int:pk>/deliveries/<int:delivery_pk>/redeliver/",
        views.DeliveryRepeat.as_view(),
        name="api-delivery-redeliver",
    ),
    path("inbox/", inbox.Inbox.as_view(), name="api-inbox"),
    path("inbox/read/", inbox.InboxRead.as_view(), name="api-inbox-read"),
    path("inbox/preferences/", inbox.InboxPreferences.as_view(), name="api-inbox-preferences"),
]
