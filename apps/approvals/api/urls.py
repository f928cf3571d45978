"""Addresses of approvals under /api/v1/."""

from django.urls import path

from apps.approvals.api import views

VERSION = "models/<str:name>/versions/<str:version>"
DISCUSSION = "promotions/<int:promotion_id>/discussion"

urlpatterns = [
    path("promotions/", views.PromotionList.as_view(), name="api-promotions"),
    path("promotions/departures/", views.DepartureList.as_view(), name="api-promotion-departures"),
    path(
        "promotions/<int:promotion_id>/",
        views.PromotionDetail.as_view(),
        name="api-promotion",
    ),
    path(
        "promotions/<int:promotion_id>/decisions/",
        views.PromotionDecide.as_view(),
        name="api-promotion-decide",
    ),
    path(
        "promotions/<int:promotion_id>/execute/",
        views.PromotionExecute.as_view(),
        name="api-promotion-execute",
    ),
    path(
        "promotions/<int:promotion_id>/withdraw/",
        views.PromotionWithdraw.as_view(),
        name="api-promotion-withdraw",
    ),
    path(
        "promotions/<int:promotion_id>/checks/",
        views.PromotionReportCheck.as_view(),
        name="api-promotion-checks",
    ),
    path(f"{DISCUSSION}/", views.ThreadList.as_view(), name="api-threads"),
    path(f"{DISCUSSION}/<int:thread_id>/", views.ThreadDetail.as_view(), name="api-thread"),
    path(f"{DISCUSSION}/<int:thread_id>/resolve/", views.ThreadResolve.as_view(), name="api-thread-resolve"),
    path(f"{DISCUSSION}/<int:thread_id>/reopen/", views.ThreadReopen.as_view(), name="api-thread-reopen"),
    path(f"{VERSION}/demote/", views.VersionDemote.as_view(), name="api-version-demote"),
    path(
        f"{VERSION}/evidence/",
        views.EvidenceList.as_view(),
        name="api-version-evidence",
    ),
    path("policies/", views.PolicyList.as_view(), name="api-policies"),
]
