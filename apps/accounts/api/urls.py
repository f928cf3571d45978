"""Addresses of accounts under /api/v1/."""

from django.urls import path

from apps.accounts.api import views

urlpatterns = [
    path("me/", views.Me.as_view(), name="api-me"),
    path("tokens/", views.TokenList.as_view(), name="api-tokens"),
    path("tokens/<str:prefix>/revoke/", views.TokenRevoke.as_view(), name="api-token-revoke"),
    path("teams/", views.TeamList.as_view(), name="api-teams"),
    path("teams/<str:slug>/", views.TeamDetail.as_view(), name="api-team"),
    path("teams/<str:name>/grants/", views.GrantList.as_view(scope="team"), name="api-team-grants"),
    path("teams/<str:name>/grants/take/", views.GrantTake.as_view(scope="team"), name="api-team-grants-take"),
    path("models/<str:name>/grants/", views.GrantList.as_view(scope="model"), name="api-model-grants"),
    path("models/<str:name>/grants/take/", views.GrantTake.as_view(scope="model"), name="api-model-grants-take"),
    path("service-accounts/", views.ServiceAccountList.as_view(), name="api-service-accounts"),
    path(
        "service-accounts/<str:username>/deactivate/",
        views.ServiceAccountDeactivate.as_view(),
        name="api-service-account-deactivate",
    ),
    path(
        "service-accounts/<str:username>/reactivate/",
        views.ServiceAccountReactivate.as_view(),
        name="api-service-account-reactivate",
    ),
    path(
        "service-accounts/<str:username>/hand-over/",
        views.ServiceAccountHandOver.as_view(),
        name="api-service-account-hand-over",
    ),
]
