"""Addresses of promotions."""

from django.urls import path

from apps.approvals.portal import mentions, views

app_name = "approvals"

urlpatterns = [
    path("promotions/", views.PromotionList.as_view(), name="promotions"),
    path("promotions/departures/", views.Departures.as_view(), name="departures"),
    path("promotions/<int:pk>/", views.PromotionPage.as_view(), name="promotion"),
    path("promotions/<int:pk>/withdraw/", views.Withdraw.as_view(), name="withdraw"),
    path("promotions/<int:pk>/execute/", views.Execute.as_view(), name="execute"),
    path("promotions/<int:pk>/discussion/", views.OpenThread.as_view(), name="discussion"),
    path("promotions/<int:pk>/mentions/", mentions.Mentions.as_view(), name="mentions"),
    path("promotions/<int:pk>/discussion/<int:thread>/reply/", views.Reply.as_view(), name="reply"),
    path("promotions/<int:pk>/discussion/<int:thread>/resolve/", views.Resolve.as_view(), name="resolve"),
    path("promotions/<int:pk>/discussion/<int:thread>/reopen/", views.Reopen.as_view(), name="reopen"),
    path("models/<str:name>/versions/<str:version>/promote/", views.Submit.as_view(), name="submit"),
    path("models/<str:name>/versions/<str:version>/demote/", views.Demote.as_view(), name="demote"),
    path("models/<str:name>/versions/<str:version>/attach/", views.Attach.as_view(), name="attach"),
]
