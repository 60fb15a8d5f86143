"""The applications that are offered, and what a request passes on its way to them."""

from __future__ import annotations

# The applications that this installation offers; each is a Django app beside the platform.
LLMASOS_APPLICATIONS = ["support_bot", "tutor", "clinical_assist"]

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
    "llmasos.api.error_forms.ErrorFormsMiddleware",
    "llmasos.ui.https_only.HttpsOnlyMiddleware",
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
# The same for programs under /v1, which have no session and send no form.
PROGRAM_MIDDLEWARE = [
    "llmasos.runtime.response_headers.ResponseHeadersMiddleware",
    "llmasos.audit.context.AuditContextMiddleware",
    "llmasos.runtime.request_log.ProgramLogMiddleware",
    "llmasos.api.error_forms.ErrorFormsMiddleware",
    "llmasos.runtime.programs.DirectMiddleware",
    "llmasos.ui.https_only.HttpsOnlyMiddleware",
    "llmasos.runtime.public_limits.PublicLimitsMiddleware",
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

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["llmasos.api.parsing.WholeTextParser"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LLMasOS",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "llmasos.api.openai.document.add_openai_paths",
    ],
    # Fields of the same name with other values, each under a name of its own.
    "ENUM_NAME_OVERRIDES": {
        "AssignmentState": "tutor.models.Assignment.State",
        "RunState": "tutor.models.ProposalRun.State",
        "RegradeState": "tutor.models.RegradeRequest.State",
        "QuestionKind": "tutor.models.Question.Kind",
        "MarkKind": "tutor.models.Mark.Kind",
        "StaffRole": "tutor.models.CourseStaff.Role",
        "TurnRole": "support_bot.asking.ROLES",
    },
}
