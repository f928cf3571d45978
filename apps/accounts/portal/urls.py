"""Addresses of the profile, of tokens and of service accounts."""

from django.urls import path

from apps.accounts.portal import service_accounts, tokens, views

app_name = "accounts"

urlpatterns = [
    path("profile/", views.Profile.as_view(), name="profile"),
    path("profile/sessions/end-others/", views.EndOtherSessions.as_view(), name="end-other-sessions"),
    path("profile/sessions/<int:pk>/end/", views.EndSession.as_view(), name="end-session"),
    path("tokens/", tokens.Tokens.as_view(), name="tokens"),
    path("tokens/add/", tokens.AddToken.as_view(), name="add-token"),
    path("tokens/<str:prefix>/revoke/", tokens.RevokeToken.as_view(), name="revoke-token"),
    path("service-accounts/", service_accounts.ServiceAccounts.as_view(), name="service-accounts"),
    path("service-accounts/add/", service_accounts.AddServiceAccount.as_view(), name="add-service-account"),
    path(
        "service-accounts/<str:username>/",
        service_accounts.ShowServiceAccount.as_view(),
        name="service-account",
    ),
    path(
        "service-accounts/<str:username>/hand-over/",
        service_accounts.HandOver.as_view(),
        name="hand-over-service-account",
    ),
    path(
        "service-accounts/<str:username>/deactivate/",
        service_accounts.Deactivate.as_view(),
        name="deactivate-service-account",
    ),
    path(
        "service-accounts/<str:username>/reactivate/",
        service_accounts.Reactivate.as_view(),
        name="reactivate-service-account",
    ),
]
