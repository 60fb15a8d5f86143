from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.retrieval.models import Document
from support_bot.demo import handbook
from support_bot.demo.loading import load_demo, records
from support_bot.models import Site

pytestmark = pytest.mark.django_db


def test_the_handbook_has_sixty_articles_with_names_of_their_own() -> None:
    articles = handbook.articles()
    assert len(articles) >= 60
    assert len({article.title for article in articles}) == len(articles)


def test_each_article_has_substance() -> None:
    for article in handbook.articles():
        words = len(article.text.split()) + len(re.findall(r"[\u4e00-\u9fff]", article.text)) // 2
        assert 120 <= words <= 320, article.name


def test_cross_references_lead_to_articles() -> None:
    titles = {article.title for article in handbook.articles()}
    named = {
        title
        for article in handbook.articles()
        for title in re.findall(r"[Ss]ee (?:also )?“?\"([^\"”]+)\"", article.text)
    }
    assert named - titles == set()


def test_the_demo_shop_opens(client: Client) -> None:
    assert client.get("/demo/shop/").status_code == 200
    assert client.get("/demo/shop/help/").status_code == 200
    assert client.get("/demo/shop/help/returns-how/").status_code == 200


@pytest.mark.parametrize("path", ["/demo/shop/", "/demo/shop/help/", "/demo/shop/help/faq/"])
def test_without_the_demo_there_is_no_shop(client: Client, settings: Settings, path: str) -> None:
    settings.LLMASOS_DEMO = False
    assert client.get(path).status_code == 404


def test_the_demo_fills_the_shop_once(organisation: Organisation) -> None:
    for _ in range(2):
        with acting_in(organisation):
            load_demo(organisation)
    with acting_in(organisation):
        (site,) = Site.objects.for_organisation(organisation)
        documents = Document.objects.for_organisation(organisation)
        assert [collection.name for collection in site.collections.all()] == ["handbook"]
        assert documents.count() == len(list(records()))
        assert documents.get(external_id="returns-how").state == "queued"


def test_the_demo_shop_carries_the_line_that_customers_paste(client: Client, organisation: Organisation) -> None:
    with acting_in(organisation):
        load_demo(organisation)
        key = Site.objects.get().key
    page = client.get("/demo/shop/").content.decode()
    assert f'<script src="/static/support_bot/widget.js" data-site="{key}"' in page
