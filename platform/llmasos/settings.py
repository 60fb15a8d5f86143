"""Settings of the platform, from the environment.

Every value can be given as a variable or, for secrets, as ``NAME_FILE`` naming a file that holds it.
Without any, the embedded PostgreSQL and Valkey under ``LLMASOS_VAR`` are used.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import environ
import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from llmasos.runtime import locations
from llmasos.runtime.log_privacy import WithoutWords, without_words
from llmasos.runtime.request_log import with_request_id, without_visitor

env = environ.FileAwareEnv()

BASE_DIR = Path(__file__).resolve().parents[2]
VAR = locations.var_folder()

# local: this machine only; production: reachable by others; test: the test suite.
ENVIRONMENT: str = env.str("LLMASOS_ENV", "local")
PRODUCTION = ENVIRONMENT == "production"
TESTING = ENVIRONMENT == "test"
DEBUG: bool = env.bool("LLMASOS_DEBUG", False)
LLMASOS_DEMO: bool = env.bool("LLMASOS_DEMO", not PRODUCTION)

# Secrets ---------------------------------------------------------------------------------------

SECRET_KEY: str = env.str("SECRET_KEY", "") or locations.secret("django_secret_key", var=VAR)


def key_bytes(text: str) -> bytes:
    """Decode URL-safe base64, padded or not."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# New data is sealed under KEY_ENCRYPTION_KEY_ID (the first where it is not given); all listed keys still open what was
# sealed under them. Without any, keys are files in KEY_ENCRYPTION_FOLDER, which the platform makes and rotates.
KEY_ENCRYPTION_KEYS: dict[str, bytes] = {
    name: key_bytes(value)
    for name, _separator, value in (
        pair.partition(":") for pair in env.str("LLMASOS_KEY_ENCRYPTION_KEYS", "").split(",") if pair
    )
}
KEY_ENCRYPTION_KEY_ID: str = env.str("LLMASOS_KEY_ENCRYPTION_KEY_ID", "")
KEY_ENCRYPTION_FOLDER = Path(
    env.str("LLMASOS_KEY_ENCRYPTION_FOLDER", "") or locations.secrets_folder(VAR) / "key_encryption_keys"
)
# A class that wraps and opens the keys above (KMS); an opened one is asked for again after the seconds.
KEY_SERVICE: str = env.str("LLMASOS_KEY_SERVICE", "")
KEY_SERVICE_URL: str = env.str("LLMASOS_KEY_SERVICE_URL", "")
KEY_SERVICE_KEY: str = env.str("LLMASOS_KEY_SERVICE_KEY", "")
KEY_SERVICE_TOKEN: str = env.str("LLMASOS_KEY_SERVICE_TOKEN", "")
KEY_CACHE_SECONDS: int = env.int("LLMASOS_KEY_CACHE_SECONDS", 300)

# The journal of erasures, outside the database: what was erased after a backup is erased again on restore.
ERASURE_JOURNAL = Path(env.str("LLMASOS_ERASURE_JOURNAL", "") or VAR / "journal" / "erasures.jsonl")

# Checkpoints of the audit log ------------------------------------------------------------------

# The private key's folder, which only the checkpoint process may read, and where its checkpoints go first.
CHECKPOINT_KEY_FOLDER = locations.checkpoint_key_folder(VAR)
CHECKPOINT_FOLDER = Path(env.str("LLMASOS_CHECKPOINT_FOLDER", "") or VAR / "checkpoints")
# More places for them: folders, mailboxes, object stores, witnesses; separated by spaces.
CHECKPOINT_STORES: list[str] = env.str("LLMASOS_CHECKPOINT_STORES", "").split()
# One is made after so many entries, or when an entry has waited so long.
CHECKPOINT_ENTRIES: int = env.int("LLMASOS_CHECKPOINT_ENTRIES", 500)
CHECKPOINT_SECONDS: float = env.float("LLMASOS_CHECKPOINT_SECONDS", 60.0)

# Where the log's entries are forwarded to, separated by spaces: syslog+tls://host:6514, https://collector/path ...
AUDIT_FORWARD_TO: list[str] = env.str("LLMASOS_AUDIT_FORWARD_TO", "").split()
AUDIT_FORWARD_TOKEN: str = env.str("LLMASOS_AUDIT_FORWARD_TOKEN", "")

# Services --------------------------------------------------------------------------------------

CONNECTIONS = locations.connection_urls(VAR)


# Connections kept by a long-lived process (web, workers); a command opens one and closes it.
DATABASE_POOL: int = env.int("LLMASOS_DATABASE_POOL", 0)


def database(url: str, *, pooled: bool) -> dict[str, Any]:
    """Turn a PostgreSQL URL into Django's settings."""
    parts: dict[str, Any] = conninfo_to_dict(url)
    options: dict[str, Any] = {
        name: value for name, value in parts.items() if name not in {"dbname", "user", "password", "host", "port"}
    }
    if pooled and DATABASE_POOL:
        options["pool"] = {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10}
    return {
        "ENGINE": "llmasos.runtime.database",
        "NAME": parts.get("dbname", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "OPTIONS": options,
    }


# `default` is the role that owns nothing and obeys row-level security; `owner` runs migrations alone.
DATABASES = {
    "default": database(CONNECTIONS.database, pooled=True),
    "owner": {**database(CONNECTIONS.owner, pooled=False), "TEST": {"MIRROR": "default"}},
}

VALKEY_URL = CONNECTIONS.redis
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": VALKEY_URL,
        "KEY_PREFIX": "llmasos:cache",
    }
}

CELERY_BROKER_URL = CONNECTIONS.broker
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "global_keyprefix": "llmasos:celery:",
    # A models worker only admits runs, and a run whose message was lost is published again when its lease lapses:
    # noting each message in Valkey and striking it out again would cost every request two messages for nothing.
    "ack_emulation": not env.str("LLMASOS_ENGINE", ""),
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_EAGER_RESULT = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = True
CELERY_BEAT_SCHEDULE = {
    "sequence the audit log": {
        "task": "audit.sequence",
        "schedule": 1.0,
        "options": {"queue": "control", "expires": 5},
    },
    "sign checkpoints of the audit log": {
        "task": "audit.checkpoint",
        "schedule": 1.0,
        "options": {"queue": "checkpoints", "expires": 5},
    },
    "end or re-queue runs whose lease lapsed": {
        "task": "inference.expire_runs",
        "schedule": 1.0,
        "options": {"queue": "control", "expires": 5},
    },
    "announce emergency access that was not announced": {
        "task": "breakglass.announce",
        "schedule": 60.0,
        "options": {"queue": "jobs", "expires": 60},
    },
    "take up erasures whose worker was lost": {
        "task": "privacy.take_up",
        "schedule": 60.0,
        "options": {"queue": "control", "expires": 60},
    },
    "remove what is older than its period": {
        "task": "privacy.expire",
        "schedule": crontab(hour="3", minute="17"),
        "options": {"queue": "jobs", "expires": 20 * 3600},
    },
    "take up imports whose worker was lost": {
        "task": "retrieval.take_up",
        "schedule": 60.0,
        "options": {"queue": "control", "expires": 60},
    },
}

if AUDIT_FORWARD_TO:
    CELERY_BEAT_SCHEDULE["forward the audit log"] = {
        "task": "audit_forwarding.forward",
        "schedule": 5.0,
        "options": {"queue": "jobs", "expires": 5},
    }

# Applications ----------------------------------------------------------------------------------

# The applications that this installation offers; each is a Django app beside the platform.
LLMASOS_APPLICATIONS = ["support_bot", "tutor", "clinical_assist"]

if "tutor" in LLMASOS_APPLICATIONS:
    CELERY_BEAT_SCHEDULE["hand in work whose time is over"] = {
        "task": "tutor.close_due_work",
        "schedule": 30.0,
        "options": {"queue": "control", "expires": 30},
    }
    CELERY_BEAT_SCHEDULE["take up mastery and advice that wait"] = {
        "task": "tutor.take_up_learning",
        "schedule": 60.0,
        "options": {"queue": "control", "expires": 60},
    }
    CELERY_BEAT_SCHEDULE["take up the marking work of lost workers"] = {
        "task": "tutor.take_up",
        "schedule": 30.0,
        "options": {"queue": "control", "expires": 30},
    }

if "clinical_assist" in LLMASOS_APPLICATIONS:
    CELERY_BEAT_SCHEDULE["take up the imports of lost workers"] = {
        "task": "clinical.take_up",
        "schedule": 60.0,
        "options": {"queue": "control", "expires": 60},
    }

INSTALLED_APPS = [
    "llmasos.accounts.administration_app.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "llmasos.runtime",
    "llmasos.vault",
    "llmasos.audit",
    "llmasos.audit.forwarding",
    "llmasos.accounts",
    "llmasos.privacy",
    "llmasos.privacy.breakglass",
    "llmasos.privacy.deidentification",
    "llmasos.inference",
    "llmasos.retrieval",
    "llmasos.answering",
    "llmasos.ui",
    "llmasos.api",
    "llmasos.console",
    *LLMASOS_APPLICATIONS,
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_structlog",
    "csp",
]

MIDDLEWARE = [
    "llmasos.runtime.response_headers.ResponseHeadersMiddleware",
    "llmasos.audit.context.AuditContextMiddleware",
    "llmasos.runtime.request_log.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "llmasos.runtime.public_limits.PublicLimitsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "llmasos.accounts.session_limits.SessionLimitsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "llmasos.ui.refusals.RefusalsMiddleware",
]

ROOT_URLCONF = "llmasos.urls"
ASGI_APPLICATION = "llmasos.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "llmasos.ui.context.shell",
            ],
        },
    }
]

# People ----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# Addresses and factors change after a fresh proof of who asks.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_ADAPTER = "llmasos.accounts.sign_in.AccountAdapter"
# By address and by account (a digest of it); a school signs in from one address.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
}
MFA_ADAPTER = "llmasos.accounts.sign_in.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate_webauthn": "llmasos.accounts.passkeys.AuthenticateForm",
    "login_webauthn": "llmasos.accounts.passkeys.LoginForm",
    "reauthenticate_webauthn": "llmasos.accounts.passkeys.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_TOTP_ISSUER = "LLMasOS"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# A sign-in ends after so long in all, and after so long without activity.
SESSION_COOKIE_AGE = 12 * 60 * 60
LLMASOS_SESSION_IDLE_SECONDS: int = env.int("LLMASOS_SESSION_IDLE_MINUTES", 60) * 60
# Browsers keep such cookies to one host and to HTTPS.
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrftoken"
LANGUAGE_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_SAMESITE = "Lax"
# Messages name people: they stay on the server until they are shown.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

DEFAULT_FROM_EMAIL: str = env.str("LLMASOS_EMAIL_FROM", "llmasos@localhost")
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="dummymail://")
# A mail server that the set-up page stored comes before the one that EMAIL_URL names.
EMAIL_BACKEND = "llmasos.accounts.mail.EmailBackend"
EMAIL_FALLBACK_BACKEND: str = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST", "")
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL_CONFIG.get("EMAIL_USE_SSL", False)

# Web -------------------------------------------------------------------------------------------

ALLOWED_HOSTS: list[str] = env.list("LLMASOS_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("LLMASOS_ORIGINS", default=[])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = PRODUCTION and env.bool("LLMASOS_HTTPS_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS: bool = env.bool("LLMASOS_HSTS_SUBDOMAINS", True)
# The page of an exception, where DEBUG shows one, names places in the code alone.
DEFAULT_EXCEPTION_REPORTER = "llmasos.runtime.error_reports.PlacesReporter"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR / "files"},
    },
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if TESTING
            else "servestatic.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("简体中文"))]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LLMasOS",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    # Fields of the same name with other values, each under a name of its own.
    "ENUM_NAME_OVERRIDES": {
        "AssignmentState": "tutor.models.Assignment.State",
        "RunState": "tutor.models.ProposalRun.State",
        "RegradeState": "tutor.models.RegradeRequest.State",
        "QuestionKind": "tutor.models.Question.Kind",
        "MarkKind": "tutor.models.Mark.Kind",
    },
}

# Logs carry events and ids, never what people wrote and not from where.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# The audit context judges an id that a request brings along; any other text stays out.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = False
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        without_visitor,
        with_request_id,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_words,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                without_words,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                (structlog.processors.JSONRenderer() if PRODUCTION else structlog.dev.ConsoleRenderer(colors=False)),
            ],
        }
    },
    "filters": {"without_words": {"()": WithoutWords}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_words"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LLMASOS_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # What it says of refused requests stands in the log of requests, and it spells secrets of addresses out.
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        # The web server's own handler would print exceptions as they are, its access log addresses with their queries.
        "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},
        "uvicorn.access": {"handlers": [], "propagate": False},
    },
}
