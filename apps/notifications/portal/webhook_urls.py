"""Addresses of webhooks."""

from django.urls import path

from apps.notifications.portal import webhooks as views

app_name = "webhooks"

urlpatterns = [
    path("", views.Webhooks.as_view(), name="list"),
    path("add/", views.AddWebhook.as_view(), name="add"),
    path("<int:pk>/", views.ShowWebhook.as_view(), name="webhook"),
    path("<int:pk>/edit/", views.ChangeWebhook.as_view(), name="edit"),
    path("<int:pk>/ping/", views.PingWebhook.as_view(), name="ping"),
    path("<int:pk>/rotate/", views.RotateSecret.as_view(), name="rotate"),
    path("<int:pk>/disable/", views.DisableWebhook.as_view(), name="disable"),
    path("<int:pk>/enable/", views.EnableWebhook.as_view(), name="enable"),
    path("<int:pk>/redeliver/", views.RepeatRange.as_view(), name="repeat-range"),
    path("<int:pk>/deliveries/<int:delivery_pk>/", views.ShowDelivery.as_view(), name="delivery"),
    path("<int:pk>/deliveries/<int:delivery_pk>/redeliver/", views.RepeatDelivery.as_view(), name="repeat"),
]
