"""Addresses that change models and their aliases."""

from django.urls import path

from apps.models.portal import views

app_name = "models"

urlpatterns = [
    path("models/<str:name>/edit/", views.ModelEdit.as_view(), name="edit"),
    path("models/<str:name>/versions/<str:version>/alias/", views.AliasSet.as_view(), name="alias"),
    path("models/<str:name>/aliases/<str:alias>/remove/", views.AliasRemove.as_view(), name="alias-remove"),
]
