"""Addresses of the inbox."""

from django.urls import path

from apps.notifications.portal import views

app_name = "inbox"

urlpatterns = [
    path("inbox/", views.Inbox.as_view(), name="messages"),
    path("inbox/read/", views.MarkRead.as_view(), name="read"),
    path("inbox/preferences/", views.Preferences.as_view(), name="preferences"),
]
