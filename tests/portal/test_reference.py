"""The reference of the API shows what its document says, to everybody."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from django.test import Client

from apps.accounts.roles import Role
from apps.approvals import actions as approval_actions
from apps.portal.selectors.reference import reference
from tests.factories import browser, member, team
from tests.registry_factories import registered_model, sealed_version


@pytest.fixture
def page(client: Client) -> str:
    """Return the page as a stranger reads it."""
    answer = client.get("/api/v1/docs/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db
def test_every_call_is_on_the_page_with_its_commands(page: str) -> None:
    text, operations = unescape(page), [each for section in reference().sections for each in section.operations]
    assert len(operations) > 60
    for operation in operations:
        assert f'id="{operation.key}"' in page
        assert f'href="#{operation.key}"' in page
        for sample in operation.samples:
            assert sample.source in text
        for answer in operation.answers:
            assert answer.example in text


@pytest.mark.django_db
def test_the_way_in_is_explained_for_this_address(page: str) -> None:
    assert "export REGISTRY_URL=http://testserver REGISTRY_TOKEN=..." in page
    assert "<code>missing_scope</code>" in page
    assert 'href="/api/v1/schema/"' in page
    assert page.index('id="versions-create"') < page.index('id="promotions-request"') < page.index('id="tokens-create"')


def test_fields_are_told_in_words() -> None:
    operations = {each.key: each for section in reference().sections for each in section.operations}
    fields = {field.name: field for field in operations["versions-create"].fields}
    assert (fields["name"].place, fields["name"].required) == ("path", True)
    assert fields["bump"].kind == "major or minor or patch"
    assert fields["lineage.datasets.name"].required
    assert operations["artifacts-upload"].fields[-1].kind == "raw bytes"
    assert [answer.status for answer in operations["models-production"].answers] == ["200 OK", "304 Not Modified"]


@pytest.mark.django_db
def test_stranger_tries_calls_with_the_example_and_reads_how_to_get_a_token(page: str) -> None:
    assert 'value="card-fraud"' in page
    assert "data-csrf" not in page
    assert "python manage.py create_token NAME" in page
    assert page.count("data-trial hidden") == sum(len(section.operations) for section in reference().sections)


@pytest.mark.django_db
def test_signed_in_person_tries_calls_with_names_they_may_see_and_no_others() -> None:
    mine, other = team("mine"), team("other")
    author = member(Role.CONTRIBUTOR, mine)
    seen = sealed_version(registered_model(mine, name="seen"), version="2.3.0", files={"weights/seen.bin": b"1"})
    sealed_version(registered_model(other, name="hidden"), version="9.9.9", files={"weights/hidden.bin": b"1"})
    promotion = approval_actions.submit(seen, target_stage="staging", reason="Better", actor=author)
    page = browser(author).get("/api/v1/docs/").content.decode()
    for named in ("seen", "2.3.0", "weights/seen.bin", str(promotion.pk), escape(promotion.etag), "mine"):
        assert f'value="{named}"' in page, named
    assert unescape(page).count('"version": "2.4.0"') == 1
    assert not {"hidden.bin", "9.9.9"} & set(re.findall(r"[\w.]+", page))
    assert "data-csrf" in page


def test_forms_keep_the_name_of_what_a_call_makes() -> None:
    trials = {each.key: each.trial for section in reference().sections for each in section.operations}
    names = {"name": "digits", "model": "digits", "team": "vision", "version": "2.0.0", "next_version": "2.1.0"}
    assert trials["models-create"].named(names).body["name"] == "card-fraud"
    assert trials["versions-create"].named(names).body["version"] == "2.1.0"
    assert trials["promotions-request"].named(names).body["version"] == "2.0.0"
    assert [each.value for each in trials["teams-grants-list"].named(names).inputs] == ["vision"]
    assert trials["artifacts-upload"].file
    assert trials["artifacts-upload"].inputs[-1].value == ""
