"""The page about the API speaks the reader's language."""

from django.test import Client
from django.urls import reverse

from zhike.desk.api_words import GROUP_NAMES, SAID
from zhike.desk.mount import api
from zhike.kernel.models import User


def test_every_operation_is_described_in_both_languages() -> None:
    told = [one for methods in api.get_openapi_schema()["paths"].values() for one in methods.values()]
    assert {one.get("description", "") for one in told} == set(SAID)
    assert {tag for one in told for tag in one["tags"]} <= set(GROUP_NAMES)


def test_it_works(li: User, client_for: type[Client]) -> None:
    li.language = "zh-hans"
    li.save()
    words = client_for(li).get(reverse("desk:api_docs")).content.decode()
    assert "完成任务,并写一条执行记录。" in words and "Close a task" not in words
