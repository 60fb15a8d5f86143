from __future__ import annotations

from uuid import uuid4
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from llmasos.accounts.errors import AlreadyThereError
from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import system_principal
from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref


def add_organisation(
    *, slug: str, name: str = "", time_zone: str = "UTC", language: str = settings.LANGUAGE_CODE, is_demo: bool = False
) -> Organisation:
    """Add a tenant. Called by commands and the set-up page, which check who calls.

    Raises:
        AlreadyThereError: the short name is taken.
        ValidationError: the short name, time zone or language is not one.
    """
    if organisation_id_by_slug(slug) is not None:
        raise AlreadyThereError(_("The short name “%(slug)s” is taken.") % {"slug": slug})
    if time_zone not in available_timezones():
        raise ValidationError({"time_zone": _("“%(name)s” is no time zone.") % {"name": time_zone}})
    organisation = Organisation(
        id=uuid4(),
        slug=slug,
        name=name or slug.replace("-", " ").title(),
        time_zone=time_zone,
        language=language,
        is_demo=is_demo,
    )
    organisation.clean_fields()
    try:
        with acting_in(organisation):
            organisation.save(force_insert=True)
            record(
                organisation_id=organisation.pk,
                actor=system_principal(organisation.pk).actor,
                action="accounts.organisation_added",
                object=Ref("organisation", organisation.pk),
            )
    except IntegrityError:
        raise AlreadyThereError(_("The short name “%(slug)s” is taken.") % {"slug": slug}) from None
    return organisation
