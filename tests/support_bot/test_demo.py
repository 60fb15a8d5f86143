from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from support_bot.demo import handbook

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
