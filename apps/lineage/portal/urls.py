"""Addresses of lineage."""

from django.urls import path

from apps.lineage.portal import views

app_name = "lineage"

urlpatterns = [
    path("lineage/", views.LineageSearch.as_view(), name="search"),
    path("lineage/<str:node>/", views.LineageNode.as_view(), name="node"),
]
