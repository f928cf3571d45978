"""Addresses of the registry under /api/v1/."""

from django.urls import path

from apps.models.api import views

MODEL = "models/<str:name>/"
VERSION = f"{MODEL}versions/<str:version>/"

urlpatterns = [
    path("models/", views.ModelList.as_view(), name="api-models"),
    path(MODEL, views.ModelDetail.as_view(), name="api-model"),
    path(f"{MODEL}production/", views.ModelProduction.as_view(), name="api-model-production"),
    path(f"{MODEL}stages/", views.StageHistory.as_view(), name="api-model-stages"),
    path(f"{MODEL}stages/<str:stage>/", views.StageVersions.as_view(), name="api-model-stage"),
    path(f"{MODEL}aliases/", views.AliasList.as_view(), name="api-aliases"),
    path(f"{MODEL}aliases/<str:alias>/", views.AliasDetail.as_view(), name="api-alias"),
    path(f"{MODEL}versions/", views.VersionList.as_view(), name="api-versions"),
    path(VERSION, views.VersionDetail.as_view(), name="api-version"),
    path(f"{VERSION}seal/", views.VersionSeal.as_view(), name="api-version-seal"),
    path(f"{VERSION}fail/", views.VersionFail.as_view(), name="api-version-fail"),
    path(f"{VERSION}artifacts/<path:path>", views.ArtifactBytes.as_view(), name="api-artifact"),
    path("inventory/", views.Inventory.as_view(), name="api-inventory"),
    path("metadata-standards/", views.StandardList.as_view(), name="api-metadata-standards"),
]
