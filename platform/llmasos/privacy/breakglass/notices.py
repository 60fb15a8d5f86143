"""Word to the people who review emergency access. An e-mail says that it happened, never about whom."""

from __future__ import annotations

from collections.abc import Sequence
from smtplib import SMTPException
from uuid import UUID

import structlog
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from llmasos.accounts import mail
from llmasos.accounts.models import Organisation, Role
from llmasos.accounts.queries import members
from llmasos.privacy.breakglass.models import Grant

logger = structlog.get_logger(__name__)


def announce_soon() -> None:
    """Have the jobs worker send the notice now rather than at its next round."""
    from llmasos.privacy.breakglass.tasks import announce

    announce.apply_async(queue="jobs")


def send(organisation_id: UUID, grants: Sequence[Grant]) -> bool:
    """Send one e-mail to each administrator; say whether the mail server took it. Inside ``acting_in``."""
    addresses = [
        (member.person.email, member.person.language)
        for member in members(organisation_id)
        if member.is_active and Role.ADMINISTRATOR in member.role_codes
    ]
    if not addresses or not mail.is_configured():
        return False
    organisation = Organisation.objects.get(pk=organisation_id)
    try:
        for address, language in addresses:
            with translation.override(language or organisation.language):
                context = {"organisation": organisation, "grants": grants}
                send_mail(
                    subject=_("Emergency access at %(organisation)s") % {"organisation": organisation.name},
                    message=render_to_string("breakglass/mail/notice.txt", context),
                    from_email=mail.sender(),
                    recipient_list=[address],
                )
    except (SMTPException, OSError) as error:
        logger.warning("breakglass_notice_not_sent", error=type(error).__name__)
        return False
    return True
