"""Every page of the admin, in the words of tests/e2e/pages.py; a table's first row is a place of the table's name."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.e2e.pages import Act, Page, send_empty

OFFICERS, KEEPERS = ("compliance", "auditor"), ("administrator", "compliance", "auditor")
SEARCHED = ("", "q=digit", "q=nothing-like-this")

BARE = (
    *("accounts_teamgroupobjectpermission", "accounts_idempotentanswer"),
    *("notifications_digest", "notifications_digestline"),
)


def ask_first(tab: Tab) -> None:
    """Choose the first row of a list and its first act, and be asked once more."""
    tab.locator("#result_list tbody input[type=checkbox]").first.check()
    tab.locator("select[name=action]").select_option(index=1)
    tab.get_by_role("button", name="Go on").click()
    expect(tab.get_by_role("link", name="Cancel")).to_be_visible()


def table(
    name: str,
    *,
    by: tuple[str, ...] = OFFICERS,
    asked: tuple[str, ...] = ("",),
    acts: tuple[Act, ...] = (),
    pictured: bool = False,
) -> Iterator[Page]:
    """Yield the list of a table and the page of its first row."""
    yield Page(f"admin:{name}_changelist", by=by, at=("",), asked=asked, acts=acts, pictured=pictured)
    yield Page(f"admin:{name}_change", by=by, at=(name,), pictured=pictured)


ADMIN = (
    Page("admin:index", by=KEEPERS),
    Page("admin:app_list", by=OFFICERS, at=("app",), pictured=False),
    *table("approvals_policy", asked=SEARCHED, pictured=True),
    Page("admin:approvals_policy_add", by=("compliance",), pictured=False),
    Page("admin:approvals_policy_edit", by=("compliance",), at=("approvals_policy",)),
    Page("admin:approvals_policy_compare", by=OFFICERS, at=("approvals_policy",)),
    Page("admin:approvals_effective", by=OFFICERS, asked=("model=digit-reader&stage=production", "", "model=x")),
    *table("approvals_policyversion", asked=SEARCHED),
    *table("models_metadatastandard", pictured=True),
    Page("admin:models_metadatastandard_add", by=("compliance",)),
    *table("accounts_user", by=KEEPERS, asked=("", "q=priya", "q=nothing-like-this"), acts=(ask_first,), pictured=True),
    Page("admin:accounts_user_add", by=("administrator",), acts=(send_empty,), pictured=False),
    Page("admin:accounts_access", by=KEEPERS,
         asked=("team=operations", "person=leo", "model=digit-reader", "", "person=x")),
    Page("admin:accounts_roles", by=("administrator",), acts=(send_empty,)),
    Page("admin:accounts_program_add", by=("administrator",), acts=(send_empty,), pictured=False),
    *table("accounts_team", by=KEEPERS, acts=(ask_first,)),
    Page("admin:accounts_team_add", by=("administrator",), acts=(send_empty,), pictured=False),
    *table("accounts_apitoken", by=KEEPERS, acts=(ask_first,)),
    *table("accounts_teamuserobjectpermission", by=KEEPERS),
    *table("approvals_promotion", asked=SEARCHED, pictured=True),
    *table("approvals_decision", asked=SEARCHED),
    *table("approvals_signature"),
    *table("approvals_checkrun", asked=SEARCHED),
    *table("approvals_attachedevidence", asked=SEARCHED),
    *table("approvals_round"),
    *table("approvals_evaluation"),
    *table("approvals_thread", asked=SEARCHED),
    *table("approvals_comment", asked=SEARCHED),
    *table("models_registeredmodel", asked=SEARCHED, acts=(ask_first,)),
    *table("models_modelversion", asked=SEARCHED),
    *table("models_artifact", asked=SEARCHED),
    *table("models_blob"),
    *table("models_stageassignment", asked=SEARCHED),
    *table("models_alias", asked=SEARCHED),
    *table("lineage_node", asked=SEARCHED),
    *table("lineage_edge"),
    *table("notifications_endpoint", acts=(ask_first,), pictured=True),
    *table("notifications_delivery", acts=(ask_first,)),
    *table("notifications_attempt"),
    *table("notifications_endpointsecret"),
    *table("notifications_email"),
    *table("notifications_notice"),
    *table("notifications_preference"),
    *table("audit_event", asked=("", "q=digit", "q=approvals.promotion", "q=nothing-like-this"), pictured=True),
    *table("audit_leaf"),
    *table("audit_outboxentry"),
    *table("audit_personaldata"),
    *table("audit_head"),
    # Tables whose rows the demonstration has none of.
    *(Page(f"admin:{name}_changelist", by=OFFICERS, pictured=False) for name in BARE),
)  # fmt: skip
