from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("retrieval", "0001_initial"),
        ("support_bot", "0002_row_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="SiteCollection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="retrieval.collection"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="support_bot.site"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("site", "collection"), name="support_site_collection_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="site",
            name="collections",
            field=models.ManyToManyField(
                related_name="+",
                through="support_bot.SiteCollection",
                to="retrieval.collection",
                verbose_name="answers come from",
            ),
        ),
        EnableRowSecurity("sitecollection"),
    ]
