"""Addresses of pages that mix subjects."""

from django.urls import path

from apps.portal.views import (
    catalogue,
    comparisons,
    exports,
    home,
    inventory,
    ledger,
    objects,
    registered_models,
    search,
    theme,
    versions,
)

app_name = "portal"

urlpatterns = [
    path("", home.HomePage.as_view(), name="home"),
    path("theme/", theme.ThemeChoice.as_view(), name="theme"),
    path("models/", catalogue.CataloguePage.as_view(), name="catalogue"),
    path("search/", search.SearchPage.as_view(), name="search"),
    path("searches/new/", catalogue.SaveSearch.as_view(), name="save-search"),
    path("searches/<int:pk>/", catalogue.RenameSearch.as_view(), name="saved-search"),
    path("searches/<int:pk>/delete/", catalogue.DeleteSearch.as_view(), name="delete-search"),
    path("models/<str:name>/", registered_models.ModelOverview.as_view(), name="model"),
    path("models/<str:name>/versions/", registered_models.ModelVersions.as_view(), name="model-versions"),
    path("models/<str:name>/lineage/", registered_models.ModelLineage.as_view(), name="model-lineage"),
    path("models/<str:name>/promotions/", registered_models.ModelPromotions.as_view(), name="model-promotions"),
    path("models/<str:name>/people/", registered_models.ModelPeople.as_view(), name="model-people"),
    path("models/<str:name>/history/", registered_models.ModelHistory.as_view(), name="model-history"),
    path("models/<str:name>/use/", registered_models.ModelUse.as_view(), name="model-use"),
    path("models/<str:name>/compare/", comparisons.ComparePage.as_view(), name="compare"),
    path("models/<str:name>/versions/<str:version>/", versions.VersionPage.as_view(), name="version"),
    path("audit/", ledger.LedgerPage.as_view(), name="ledger"),
    path("audit/export/", exports.LogExport.as_view(), name="export"),
    path("audit/<uuid:event>/", ledger.EventPage.as_view(), name="event"),
    path("audit/objects/<str:kind>/<str:key>/", ledger.ObjectPage.as_view(), name="object-history"),
    path("inventory/", inventory.InventoryPage.as_view(), name="inventory"),
    path("people/<str:username>/", ledger.PersonPage.as_view(), name="person"),
    path("objects/<str:kind>/<str:key>/", objects.ObjectRedirect.as_view(), name="object"),
]
