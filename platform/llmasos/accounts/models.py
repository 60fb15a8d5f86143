from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    AGENT = "agent", _("Support agent")
    TEACHER = "teacher", _("Teacher")
    STUDENT = "student", _("Student")
    GUARDIAN = "guardian", _("Guardian")
    CLINICIAN = "clinician", _("Clinician")
    AUDITOR = "auditor", _("Auditor")


# Reserved (RFC 2606): no such domain will ever exist.
WITHOUT_MAIL: Final = "without-mail.invalid"
"""The domain of the addresses of people who have none."""


class Scope(models.TextChoices):
    """What an API key may do."""

    GENERATE = "generate", _("Generate text")
    EMBED = "embed", _("Embed text")
    SEARCH = "search", _("Search knowledge")
    TUTOR = "tutor", _("Run courses and propose marks")
    CLINICAL = "clinical", _("Read and write the clinical record")
    MARKS = "marks", _("Bring in marks that people gave elsewhere (together with courses)")


class Organisation(models.Model):
    """A tenant: a shop, a school, a clinic. Rows are visible only to those who act in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=16, default="en")
    is_demo = models.BooleanField(_("demo"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.full_clean(exclude=["password"])
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        return self.create_user(email, password, is_staff=True, is_superuser=True, is_operator=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """Someone who signs in; may belong to several organisations."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the raw data pages"), default=False)
    is_operator = models.BooleanField(
        _("operator"), default=False, help_text=_("Sees the state of services across organisations.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PersonManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.shown_email

    @property
    def shown_email(self) -> str:
        """The address as people see it: empty where it is one that no mail reaches."""
        return "" if self.email.endswith(f"@{WITHOUT_MAIL}") else self.email


class Membership(OrganisationOwned):
    """One role of one person in one organisation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=32, choices=Role)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deactivated_at = models.DateTimeField(_("deactivated"), null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "person", "role"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()}"


class Invitation(OrganisationOwned):
    """An offer of a role, accepted by a link that works once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=32, choices=Role)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()}"


class ServiceAccount(OrganisationOwned):
    """A program that acts in an organisation through its API keys."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deactivated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="service_account_name")]

    def __str__(self) -> str:
        return self.name


class ApiKey(OrganisationOwned):
    """A secret shown once; kept as a SHA-256 digest of 256 random bits, found by its prefix."""

    # How long a revocation can be taken back: enough for a mistake, too short for a key that was found out.
    UNDO: ClassVar = timedelta(minutes=10)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200)
    prefix = models.CharField(_("prefix"), max_length=16, unique=True)
    secret_digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=32, choices=Scope), default=list)
    service_account = models.ForeignKey(ServiceAccount, models.CASCADE, null=True, related_name="keys")
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("API key")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_usable(self) -> bool:
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not expired

    @property
    def can_be_restored(self) -> bool:
        """Say whether it was revoked just now, so that this can be taken back."""
        return self.revoked_at is not None and self.revoked_at > timezone.now() - self.UNDO


class MailServer(models.Model):
    """Where the installation hands its e-mail over; without one, one-time links are shown instead."""

    class Security(models.TextChoices):
        STARTTLS = "starttls", _("STARTTLS")
        TLS = "tls", _("TLS")
        NONE = "none", _("None (this network only)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(_("server"), max_length=253)
    port = models.PositiveIntegerField(_("port"), default=587)
    security = models.CharField(_("encryption"), max_length=16, choices=Security, default=Security.STARTTLS)
    username = models.CharField(_("user name"), max_length=254, blank=True)
    password = EncryptedTextField(_("password"), blank=True)
    sender = models.EmailField(_("sender"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("mail server")

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class SetupLink(models.Model):
    """The right to set an empty installation up, once."""

    secret_digest = models.BinaryField(primary_key=True, max_length=32)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
