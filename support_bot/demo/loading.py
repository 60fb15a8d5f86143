"""Filling the demo shop: its handbook as knowledge, and a site with the chat."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.urls import reverse

from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import system_principal
from llmasos.retrieval import services as retrieval
from support_bot.demo import handbook
from support_bot.models import OWN_ORIGIN, Site
from support_bot.sites import set_collections

COLLECTION = "handbook"
PRIVACY_ARTICLE = "privacy-data-we-keep"


def load_demo(organisation: Organisation) -> None:
    """Import the handbook and add the shop's site; run again, it changes only what is missing or newer."""
    principal = system_principal(organisation.pk)
    collection = retrieval.add_collection(principal, name=COLLECTION)
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records())
    retrieval.import_upload(principal, collection=collection, name="handbook.jsonl", content=lines.encode())
    own = Site.objects.for_organisation(organisation).filter(allowed_origins__contains=[OWN_ORIGIN])
    site = own.order_by("created_at").first() or Site.objects.create(
        organisation=organisation,
        name=organisation.name,
        allowed_origins=[OWN_ORIGIN],
        privacy_url=reverse("support_bot:demo_article", kwargs={"name": PRIVACY_ARTICLE}),
    )
    set_collections(site, {collection.pk, *site.collection_ids()})


def records() -> Iterator[dict[str, str]]:
    """Yield the handbook as it is imported: articles, and the questions of the FAQ each on its own."""
    for article in handbook.articles():
        url = reverse("support_bot:demo_article", kwargs={"name": article.name})
        if article.name != "faq":
            body = article.text.partition("\n")[2].strip()
            yield {"id": article.name, "title": article.title, "text": body, "url": url}
            continue
        for number, part in enumerate(article.text.split("\n## ")[1:], start=1):
            question, _, answer = part.partition("\n")
            yield {"id": f"faq-{number}", "question": question.strip(), "answer": answer.strip(), "url": url}
