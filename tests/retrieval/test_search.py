from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal, PrincipalKind, system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.inference.types import Message
from llmasos.retrieval import queries
from llmasos.retrieval.models import Collection
from tests.retrieval.importing import import_records

pytestmark = pytest.mark.django_db

RECORDS = [
    {"id": "returns", "title": "Returns", "text": "You can return shoes within thirty days of delivery."},
    {"id": "shipping", "title": "Shipping", "text": "Parcels leave the warehouse on the next working day."},
    {"id": "warranty", "title": "Warranty", "text": "Lamps carry a warranty of two years against defects."},
]


def test_the_passage_that_shares_the_questions_words_comes_first(
    words: None, principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    import_records(principal, collection, RECORDS, tmp_path)

    result = queries.search(principal, collection_ids=[collection.pk], query="How long is the warranty of lamps?")

    assert result.hits[0].external_id == "warranty"


def test_another_organisations_passages_are_never_found(
    words: None, principal: Principal, collection: Collection, other_organisation: Organisation, tmp_path: Path
) -> None:
    import_records(principal, collection, RECORDS, tmp_path)
    other = system_principal(other_organisation.pk)

    result = queries.search(other, collection_ids=[collection.pk], query="warranty of lamps")

    assert result.hits == ()


def test_a_chinese_question_finds_its_answer(
    words: None, principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    records = [
        {"id": "refund", "question": "退款多久到账?", "answer": "三个工作日内原路退回。"},
        {"id": "invoice", "question": "怎么开发票?", "answer": "填写抬头和税号即可。"},
        {"id": "size", "question": "尺码怎么选择?", "answer": "请参照尺码表测量胸围。"},
    ]
    import_records(principal, collection, records, tmp_path)

    result = queries.search(principal, collection_ids=[collection.pk], query="发票的税号填在哪里")

    assert result.hits[0].external_id == "invoice"


def test_a_chinese_question_in_other_words_finds_its_answer(
    words: None, principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    records = [
        {"id": "cancel", "question": "如何注销账户?", "answer": "在设置中提交申请。"},
        {"id": "address", "question": "怎样添加地址?", "answer": "在地址簿中新增。"},
        {"id": "size", "question": "尺码怎么选择?", "answer": "请参照尺码表测量胸围。"},
    ]
    import_records(principal, collection, records, tmp_path)

    result = queries.search(principal, collection_ids=[collection.pk], query="帐号想删除掉")

    lexical = {hit.external_id: hit.lexical for hit in result.hits}
    assert lexical["cancel"] > lexical["address"] == lexical["size"] == 0


@pytest.mark.parametrize(
    "question", ["'; DROP TABLE retrieval_chunk; --", "a & | ! <-> :* \\ \x00 b", "💥' OR 1=1", "%s {} $1"]
)
def test_text_that_looks_like_a_statement_is_only_text(
    words: None, principal: Principal, collection: Collection, tmp_path: Path, question: str
) -> None:
    import_records(principal, collection, [*RECORDS, {"id": "odd", "title": question, "text": question}], tmp_path)

    result = queries.search(principal, collection_ids=[collection.pk], query=question)

    assert len(result.hits) == 4


def test_a_hit_explains_its_score(words: None, principal: Principal, collection: Collection, tmp_path: Path) -> None:
    import_records(principal, collection, RECORDS, tmp_path)

    best, *_ = queries.search(principal, collection_ids=[collection.pk], query="warranty of lamps").hits

    assert best.explanation.dense == best.dense > 0
    assert 0 < best.explanation.lexical_share <= 1


def test_a_follow_up_is_searched_with_its_conversation(
    words: None, principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    import_records(principal, collection, RECORDS, tmp_path)
    talk = [
        Message("user", "Tell me about the lamps warranty"),
        Message("assistant", "Yes?"),
        Message("user", "how long?"),
    ]

    result = queries.search(principal, collection_ids=[collection.pk], query=talk)

    assert result.hits[0].external_id == "warranty"
    assert result.hits[0].explanation.dense_conversation > result.hits[0].explanation.dense_last


def test_a_search_is_recorded_without_its_text(
    words: None, principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    import_records(principal, collection, RECORDS, tmp_path)
    queries.search(principal, collection_ids=[collection.pk], query="warranty of lamps", k=2)

    with acting_in(principal.organisation_id):
        entry = Entry.objects.get(action="retrieval.search")
    assert entry.digests["hits"] == 2
    assert "warranty" not in str(entry.digests)


@pytest.mark.parametrize("kind", ["key", "service"])
def test_a_key_without_the_scope_may_not_search(
    principal: Principal, collection: Collection, kind: PrincipalKind
) -> None:
    key = Principal(organisation_id=principal.organisation_id, kind=kind, scopes=frozenset({"generate"}))
    with pytest.raises(PermissionDenied):
        queries.search(key, collection_ids=[collection.pk], query="lamps")


def test_an_empty_question_is_refused(principal: Principal, collection: Collection) -> None:
    with pytest.raises(ValueError, match="empty"):
        queries.search(principal, collection_ids=[collection.pk], query="  ")
