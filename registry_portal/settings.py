"""Django settings, all from environment variables; the table in docs/settings.md lists every one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import structlog
from csp.constants import NONE, SELF
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from registry_portal import api_document, databases, environment

BASE_DIR = Path(__file__).resolve().parent.parent
PORTAL_HOME = Path(environment.text("PORTAL_HOME", str(BASE_DIR / "var"))).resolve()
PORTAL_ENV = environment.text("PORTAL_ENV", "local")
if PORTAL_ENV not in {"local", "production", "test"}:
    raise environment.Refused(f"PORTAL_ENV={PORTAL_ENV!r} is none of local, production, test.")
PRODUCTION = PORTAL_ENV == "production"
TESTING = PORTAL_ENV == "test"

DEBUG = environment.flag("DEBUG")
if PRODUCTION and DEBUG:
    raise environment.Refused("DEBUG is on in production.")
SECRET_KEY = environment.text("SECRET_KEY")
if PRODUCTION and (len(SECRET_KEY) < 32 or "insecure" in SECRET_KEY or len(set(SECRET_KEY)) < 8):
    raise environment.Refused("production needs its own SECRET_KEY of at least 32 random characters.")
SECRET_KEY = SECRET_KEY or environment.stored_secret(PORTAL_HOME, "secret_key")

PORT = environment.number("PORT", 8000, minimum=1)
PUBLIC_URL = environment.text("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = environment.listing("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = environment.listing("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "registry_portal",
    "apps.portal",
    "apps.approvals",
    "apps.lineage",
    "apps.models",
    "apps.notifications",
    "apps.accounts",
    "apps.audit",
    "apps.core",
    "apps.core.admin.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "csp",
    "template_partials",
    "django_htmx",
    "django_structlog",
]


MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "registry_portal.middleware.PageCompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "registry_portal.middleware.RequestContextMiddleware",
    "registry_portal.middleware.NowhereMiddleware",
    "apps.accounts.middleware.ActorContextMiddleware",
    "apps.accounts.middleware.LastSeenMiddleware",
    "apps.portal.middleware.PortalErrorMiddleware",
]

ROOT_URLCONF = "registry_portal.urls"
WSGI_APPLICATION = "registry_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.portal.shell.shell",
            ],
        },
    }
]

# --- database --------------------------------------------------------------------------------------------------------

DATABASE_ROLE = environment.text("PORTAL_DATABASE_ROLE", "owner" if TESTING else "app")
DATABASES = {"default": databases.connection(PORTAL_HOME, DATABASE_ROLE)}

# --- caches: one shared by all processes, one in each ----------------------------------------------------------------

CACHE_URL = environment.text("CACHE_URL")
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "local"},
}

# --- people ----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
    "apps.accounts.backends.InstanceRoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "apps.accounts.sign_on.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300

# --- what browsers are told ------------------------------------------------------------------------------------------

HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- files -----------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = environment.text("STATIC_ROOT", str(PORTAL_HOME / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG or TESTING
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = str(PORTAL_HOME / "media")
STATICFILES_BACKEND = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG or TESTING
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
ARTIFACT_BUCKET = environment.text("ARTIFACT_BUCKET")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATICFILES_BACKEND},
    "artifacts": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": ARTIFACT_BUCKET,
            "endpoint_url": environment.text("ARTIFACT_ENDPOINT_URL") or None,
            "region_name": environment.text("ARTIFACT_REGION") or None,
            "access_key": environment.text("ARTIFACT_ACCESS_KEY") or None,
            "secret_key": environment.text("ARTIFACT_SECRET_KEY") or None,
            "addressing_style": environment.text("ARTIFACT_ADDRESSING_STYLE", "auto"),
            "location": environment.text("ARTIFACT_PREFIX"),
            "default_acl": None,
            "file_overwrite": False,
            "querystring_expire": 300,
        },
    }
    if ARTIFACT_BUCKET
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(PORTAL_HOME / "artifacts")},
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
MAX_ARTIFACT_BYTES = environment.number("MAX_ARTIFACT_BYTES", 100 * 1024**3, minimum=1)

# --- e-mail ----------------------------------------------------------------------------------------------------------

vars().update(environment.email(environment.text("EMAIL_URL"), PORTAL_HOME / "mail"))
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", "Registry Portal <registry-portal@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10

# --- background work -------------------------------------------------------------------------------------------------

BROKER_FOLDER = PORTAL_HOME / "broker"
CELERY_BROKER_URL = environment.text("CELERY_BROKER_URL", "filesystem://localhost")
TRANSPORT_ALIASES["filesystem"] = "registry_portal.embedded.broker:Transport"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "data_folder_in": str(BROKER_FOLDER / "queue"),
        "data_folder_out": str(BROKER_FOLDER / "queue"),
        "control_folder": str(BROKER_FOLDER / "control"),
        "polling_interval": 0.02,
    }
elif CELERY_BROKER_URL.startswith(("redis:", "rediss:")):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"socket_timeout": 5, "socket_connect_timeout": 2, "visibility_timeout": 600}
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ALWAYS_EAGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
# A flood of mail lets no promotion wait: its tasks lie in a queue of their own, and workers take from both in turn.
CELERY_TASK_DEFAULT_QUEUE = environment.text("CELERY_QUEUE", "celery")
NOTICES_QUEUE = f"{CELERY_TASK_DEFAULT_QUEUE}-notices"
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name) for name in (CELERY_TASK_DEFAULT_QUEUE, NOTICES_QUEUE)
]
CELERY_TASK_ROUTES = {"apps.notifications.tasks.*": {"queue": NOTICES_QUEUE}}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULER = "registry_portal.celery:AnsweringScheduler"
# One line per periodic task: name -> task path and seconds. Each runs at the start of the scheduler and then at its
# interval, and finds in the database what is due.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "send-promotions-on": {"task": "apps.approvals.tasks.sweep_due", "schedule": 10},
    "refresh-pending-promotions": {"task": "apps.approvals.tasks.refresh_pending", "schedule": 60},
    "forget-idempotent-answers": {"task": "apps.accounts.tasks.forget_answers", "schedule": 3600},
    "forget-expired-sessions": {"task": "apps.accounts.tasks.forget_expired_sessions", "schedule": 3600},
    "dispatch-outbox": {"task": "apps.audit.tasks.dispatch_outbox", "schedule": 10, "options": {"expires": 30}},
    "send-due-notifications": {"task": "apps.notifications.tasks.sweep", "schedule": 10, "options": {"expires": 30}},
}

# --- webhooks --------------------------------------------------------------------------------------------------------

WEBHOOK_ALLOW_PRIVATE = environment.flag("WEBHOOK_ALLOW_PRIVATE")
WEBHOOK_ALLOWED_NETWORKS = environment.listing("WEBHOOK_ALLOWED_NETWORKS")
WEBHOOK_PORTS = environment.numbers("WEBHOOK_PORTS", "443")
DELIVERY_LEASE_SECONDS = environment.number("DELIVERY_LEASE_SECONDS", 60, minimum=1)

# --- API -------------------------------------------------------------------------------------------------------------

API_READS_PER_MINUTE = environment.number("API_READS_PER_MINUTE", 600)
API_WRITES_PER_MINUTE = environment.number("API_WRITES_PER_MINUTE", 600)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "apps.accounts.api.permissions.HasScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["registry_portal.json.StrictJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["registry_portal.json.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "registry_portal.pagination.PortalCursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["registry_portal.throttles.TokenThrottle"],
    "DEFAULT_SCHEMA_CLASS": "apps.accounts.api.schema.PortalSchema",
    "EXCEPTION_HANDLER": "registry_portal.problems.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Registry Portal API",
    "DESCRIPTION": api_document.DESCRIPTION,
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "registry_portal.api_document.in_sections",
    ],
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "PromotionState": "apps.approvals.states.State",
        "PromotionKind": "apps.approvals.states.Kind",
        "Verdict": "apps.approvals.states.Verdict",
        "CheckKind": "apps.approvals.states.CheckKind",
        "CheckStatus": "apps.approvals.states.CheckStatus",
        "RuleStatus": "apps.approvals.states.RuleStatus",
        "Stage": "apps.models.states.Stage",
        "VersionState": "apps.models.states.VersionState",
        "RiskTier": "apps.models.states.RiskTier",
        "Visibility": "apps.models.states.Visibility",
        "ScanVerdict": "apps.models.states.ScanVerdict",
        "NodeKind": "apps.lineage.states.NodeKind",
        "EdgeKind": "apps.lineage.states.EdgeKind",
        "Direction": "apps.lineage.states.Direction",
        "DeliveryState": "apps.notifications.states.Sending",
        "NoticeKind": "apps.notifications.states.Kind",
        "InstanceRole": "apps.accounts.roles.InstanceRole",
        "Role": "apps.accounts.roles.Role",
        "Scope": "apps.accounts.roles.Scope",
        "TokenState": "apps.accounts.roles.TokenState",
    },
}

# --- language, time, logs --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = "registry_portal.formats"

LOG_LEVEL = environment.text("LOG_LEVEL", "INFO").upper()
LOG_FORMAT = environment.text("LOG_FORMAT", "json" if PRODUCTION else "console")
SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "portal": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": SHARED_PROCESSORS,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info
                if LOG_FORMAT == "json"
                else structlog.processors.StackInfoRenderer(),
                structlog.processors.JSONRenderer()
                if LOG_FORMAT == "json"
                else structlog.dev.ConsoleRenderer(colors=False),
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "portal"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django_structlog": {"level": environment.text("REQUEST_LOG_LEVEL", "WARNING").upper()},
        "celery": {"level": environment.text("CELERY_LOG_LEVEL", "WARNING").upper()},
        "faker": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        *SHARED_PROCESSORS,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")
