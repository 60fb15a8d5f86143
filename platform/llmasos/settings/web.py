"""Hosts, the policy of pages, files and languages."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from llmasos.settings.environment import PRODUCTION, TESTING, VAR, env

ALLOWED_HOSTS: list[str] = env.list("LLMASOS_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("LLMASOS_ORIGINS", default=[])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
_HTTPS = env.bool("LLMASOS_HTTPS_REDIRECT", True)
SECURE_SSL_REDIRECT = PRODUCTION and _HTTPS
# Outside production there may be nobody who speaks HTTPS: plain requests from other machines are refused in words.
HTTPS_OUTSIDE = _HTTPS and not (PRODUCTION or TESTING)
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
# A TrueType face that holds Chinese, for PDF files; empty looks for one of this machine.
PDF_FONT: str = env.str("LLMASOS_PDF_FONT", "")
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
LOCALE_PATHS = [Path(__file__).resolve().parents[1] / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "llmasos.formats"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
