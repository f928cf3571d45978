"""Addresses of the lineage API."""

from django.urls import path

from apps.lineage.api import views

urlpatterns = [
    path("models/<str:name>/versions/<str:version>/lineage/", views.VersionLineageView.as_view(), name="api-lineage"),
    path("lineage/datasets/", views.DatasetUsesView.as_view(), name="api-dataset-uses"),
]
