from __future__ import annotations

from django.db import migrations

from llmasos.accounts.tenancy import EnableRowSecurity

MODELS = ("request", "note", "erasure", "consenttext", "consent", "retentionperiod", "legalhold")


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]

    operations = [EnableRowSecurity(name) for name in MODELS]
