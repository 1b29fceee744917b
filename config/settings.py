"""All settings. Those that differ between installations come from the environment: see `.env.example`."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF

from config import environment as env
from config.logs import logging_config

django_stubs_ext.monkeypatch()

BASE_DIR = env.BASE_DIR
env.read_dotenv()

DEBUG = env.boolean("DEBUG", False)
DEMO = env.boolean("DEMO", False)
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var")
env.read_secrets(DATA_DIR)
ASSETS_DIR = env.place("ASSETS_DIR", DATA_DIR)
# Nightly backups; none without a folder. It need not be there at the start: a disk that is away stops nobody's work.
BACKUP_DIR = env.place("BACKUP_DIR", DATA_DIR) if env.is_set("BACKUP_DIR") else None
BACKUP_KEEP = env.integer("BACKUP_KEEP", 14, least=1, most=1000)
SECRET_KEY = env.secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS")
FERNET_KEYS = env.fernet_keys("FERNET_KEYS")
FERNET_USE_HKDF = False  # the keys are real Fernet keys already

PORT = env.integer("PORT", 8000, least=1, most=65535)
BASE_URL = env.origin("BASE_URL", f"http://localhost:{PORT}")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{env.host_of(BASE_URL)}")
CSRF_TRUSTED_ORIGINS = [f"{urlsplit(BASE_URL).scheme}://{urlsplit(BASE_URL).netloc}"]

# Where the Django admin is; empty: nowhere.
ADMIN_PATH = env.path_or_off("ADMIN_PATH", "admin")
# All organizations' data stand there. The demo's accounts sign in with a password that everyone knows.
ADMIN_SECOND_STEP = env.boolean("ADMIN_SECOND_STEP", not DEMO)

INSTALLED_APPS = [
    "config.admin_app.PanelistAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "template_partials",
    "django_structlog",
    "organizations",
    "integrations",
    "jobs",
    "scheduling",
]

MIDDLEWARE = [
    # First: it measures what all others do, too.
    "config.metrics.RequestMetricsMiddleware",
    "config.telemetry.RequestTraceMiddleware",
    "config.middleware.KnownSchemeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.HeadersMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # For pages: static files are compressed ahead. docs/security.md says why the length tells no secret.
    "django.middleware.gzip.GZipMiddleware",
    "organizations.middleware.ReadableRequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.RenamedSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "organizations.middleware.ReaderLanguageMiddleware",
    "config.middleware.SignOutMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.request_line.RequestLogMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "organizations.middleware.SessionMiddleware",
    "organizations.middleware.ReaderTimeZoneMiddleware",
    "organizations.middleware.LimitMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "organizations.widget_renderer.WidgetRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "organizations.context.shell",
            ],
        },
    }
]

# --- data ---------------------------------------------------------------------------------------------------------
_database = env.database("DATABASE_URL", DATA_DIR / "panelist.sqlite3")
_options = dict(_database.get("OPTIONS") or {})  # type: ignore[call-overload]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # Web, worker and beat share the file: writers wait for each other instead of failing half-way.
    _options |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
        # What is deleted, or stored in another form, leaves nothing behind in the file.
        "PRAGMA secure_delete=ON;",
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True
    # Pages read a few rows along indexes. PostgreSQL, set up for disks that turn, would read tables whole instead, and
    # compile the code of a query of which it expects more, for a second or two, or start processes for it.
    _options.setdefault("options", "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1")
# A thread keeps its connection: to open one for each request, with its settings, takes longer than three queries.
_database["CONN_MAX_AGE"] = 60
DATABASES = {"default": _database | {"OPTIONS": _options, "ATOMIC_REQUESTS": False}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis_url("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- people -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["organizations.throttle.ThrottledBackend"]
_django_rules = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, object]] = [
    {"NAME": f"{_django_rules}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_django_rules}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("name", "email")}},
    {"NAME": f"{_django_rules}.CommonPasswordValidator"},
    {"NAME": f"{_django_rules}.NumericPasswordValidator"},
    {"NAME": "organizations.password_rules.PlainWordsValidator"},
    {"NAME": "organizations.password_rules.BreachValidator"},
]
PASSWORD_HASHERS = [
    "organizations.password_hashing.SmallArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# The demo asks nothing of the internet.
CHECK_BREACHED_PASSWORDS = env.boolean("CHECK_BREACHED_PASSWORDS", not DEMO)
PWNED_PASSWORDS = {"API_TIMEOUT": 1.0}
# Single sign-on: providers inside the network, and the server that looks up records of domains.
ALLOW_INTERNAL_PROVIDERS = env.boolean("ALLOW_INTERNAL_PROVIDERS", False)
DNS_SERVER = env.dns_server("DNS_SERVER")
# CalDAV servers and .ics addresses that may be inside the network, also by plain http.
CALENDAR_HOSTS = env.hosts("CALENDAR_HOSTS", "") if env.is_set("CALENDAR_HOSTS") else []
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_RESET_TIMEOUT = 4 * 3600
# The account is its address; nobody signs up without an invitation.
ACCOUNT_ADAPTER = "organizations.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# An account without a proven address may sign in: what depends on a proven one asks for it.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
# Attempts are counted by organizations/throttle.py, in the database: processes share no cache without Redis.
ACCOUNT_RATE_LIMITS = False
# The address is part of this one's tokens already. The library's writes a row where an account has none.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105

# Two-step sign-in. A passkey alone is both steps: the device asks for a finger, a face or a PIN.
MFA_ADAPTER = "organizations.two_factors.MFAAdapter"
# Without a mail server nobody can prove an address. Whoever proves it later finds no step that a stranger set up.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# One code before and after the current one: clocks of phones are not exact.
MFA_TOTP_TOLERANCE = 1

# Rows of our own: under a hash of the id in the cookie, and with what a person sees in their list of sessions.
SESSION_ENGINE = "organizations.session_store"
SESSION_COOKIE_AGE = 86400 * env.integer("SESSION_DAYS", 14, least=1, most=90)
SESSION_IDLE = timedelta(hours=env.integer("SESSION_IDLE_HOURS", 24, least=1, most=24 * 90))

LANGUAGE_CODE = "en"
# Each under its own name. A language has a catalogue in locale/ and its dates in config/formats/.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
# Compiled from locale/: config/assets.py.
LOCALE_PATHS = [ASSETS_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- safety -------------------------------------------------------------------------------------------------------
_https = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
if _https:  # browsers take a cookie of such a name from this very host alone, not from one beside it
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the page
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.boolean("HSTS_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = env.boolean("HSTS_PRELOAD", False)
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise env.bad("HSTS_PRELOAD", "needs HSTS_SUBDOMAINS=true: browsers' lists take whole domains only.")
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
# The web server speaks plain HTTP: an https address means a proxy before it. What a proxy says about the visitor counts
# only when it is one of these; without the setting, one on this machine.
BEHIND_PROXY = _https
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "127.0.0.0/8, ::1/128" if _https else "")
# By client_address.py, not by whatever X-Forwarded-For says.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# Ids of requests from outside are taken by config/request_line.py, which looks at their form.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = False
DJANGO_STRUCTLOG_TRUST_UPSTREAM_CORRELATION_ID = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY: dict[str, list[str]] = {
    **{name: [] for name in ["accelerometer", "autoplay", "camera", "display-capture", "encrypted-media"]},
    **{name: [] for name in ["fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "magnetometer"]},
    **{name: [] for name in ["microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial"]},
    **{name: [] for name in ["usb", "xr-spatial-tracking"]},
    "clipboard-write": ["self"],
    "publickey-credentials-create": ["self"],
    "publickey-credentials-get": ["self"],
}
SECURITY_CONTACT = env.contact("SECURITY_CONTACT")
CSRF_FAILURE_VIEW = "organizations.views.csrf.csrf_failure"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.error_pages.DiscreetFilter"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- static files -------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = ASSETS_DIR / "static"
# The pictures of docs/, which "Help" shows.
STATICFILES_DIRS = [BASE_DIR / "static", ("help", BASE_DIR / "docs" / "images")]
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- mail ---------------------------------------------------------------------------------------------------------
_mail = env.email("EMAIL_URL", DATA_DIR / "mail")
EMAIL_BACKEND = str(_mail["EMAIL_BACKEND"])
if DEMO and EMAIL_BACKEND.endswith("filebased.EmailBackend"):
    EMAIL_BACKEND = "scheduling.demo.outbox.OutboxBackend"  # one file per mail, for the demo's "Outbox" page
EMAIL_FILE_PATH = str(_mail.get("EMAIL_FILE_PATH") or DATA_DIR / "mail")
EMAIL_HOST = str(_mail.get("EMAIL_HOST") or "localhost")
EMAIL_PORT = int(str(_mail.get("EMAIL_PORT") or 25))
EMAIL_HOST_USER = str(_mail.get("EMAIL_HOST_USER") or "")
EMAIL_HOST_PASSWORD = str(_mail.get("EMAIL_HOST_PASSWORD") or "")
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.sender("EMAIL_FROM", f"panelist@{env.host_of(BASE_URL)}")
if EMAIL_BACKEND.endswith("smtp.EmailBackend"):
    env.refuse_sender("EMAIL_FROM", DEFAULT_FROM_EMAIL)

# The mailbox to which answers to invitations come. Without IMAP_HOST they go to people, and Panelist learns of none.
_answers = env.answers_mailbox()
IMAP_HOST = str(_answers["IMAP_HOST"])
IMAP_PORT = int(str(_answers["IMAP_PORT"]))
IMAP_SECURITY = str(_answers["IMAP_SECURITY"])
IMAP_USER = str(_answers["IMAP_USER"])
IMAP_PASSWORD = str(_answers["IMAP_PASSWORD"])
IMAP_FOLDER = str(_answers["IMAP_FOLDER"])
IMAP_REPLY_ADDRESS = str(_answers["IMAP_REPLY_ADDRESS"])
IMAP_TIMEOUT = 20

# --- background work ----------------------------------------------------------------------------------------------
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# In memory: no file that a crash or a full disk could damage. An interval begins anew at each start of beat, so hourly
# work has a minute of the clock, which comes however often beat is restarted.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "sweep-links": {"task": "scheduling.tasks.sweep_links", "schedule": 10.0, "options": {"expires": 10}},
    "sweep-calendar-events": {
        "task": "scheduling.tasks.sweep_calendar_events",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "sweep-messages": {"task": "scheduling.tasks.sweep_messages", "schedule": 15.0, "options": {"expires": 15}},
    "sweep-calendars": {"task": "scheduling.tasks.sweep_calendars", "schedule": 15.0, "options": {"expires": 15}},
    "sweep-watches": {"task": "scheduling.tasks.sweep_watches", "schedule": 300.0, "options": {"expires": 300}},
    "find-all-calendars": {"task": "scheduling.tasks.find_all_calendars", "schedule": crontab(minute="17")},
    "read-answers": {"task": "scheduling.tasks.read_answers", "schedule": 30.0, "options": {"expires": 30}},
    "finish-deletions": {"task": "scheduling.tasks.finish_deletions", "schedule": 15.0, "options": {"expires": 15}},
    "back-up": {"task": "organizations.tasks.back_up", "schedule": crontab(minute="17"), "options": {"expires": 3000}},
    "heartbeat": {"task": "organizations.tasks.heartbeat", "schedule": 30.0, "options": {"expires": 30}},
    "integrations-sweep": {"task": "integrations.tasks.sweep", "schedule": 60.0},
    "integrations-check": {"task": "integrations.tasks.check_integrations", "schedule": crontab(minute="7")},
    "integrations-check-calendars": {
        "task": "integrations.tasks.check_calendars",
        "schedule": crontab(minute="27"),
    },
    "integrations-templates": {"task": "integrations.tasks.refresh_all_templates", "schedule": crontab(minute="22")},
    "forget-candidate-imports": {"task": "scheduling.tasks.forget_candidate_imports", "schedule": crontab(minute="37")},
    "check-identity-providers": {
        "task": "organizations.tasks.check_identity_providers",
        "schedule": crontab(minute="42"),
    },
    "forget-attempts": {"task": "organizations.tasks.forget_attempts", "schedule": crontab(minute="12")},
    "delete-due-candidates": {"task": "scheduling.tasks.delete_due_candidates", "schedule": crontab(minute="22")},
    "delete-expired-trail": {"task": "organizations.tasks.delete_expired_trail", "schedule": crontab(minute="42")},
    "finish-erasures": {"task": "organizations.tasks.finish_erasures", "schedule": 60.0, "options": {"expires": 60}},
    "forget-old-events": {"task": "scheduling.tasks.forget_old_events", "schedule": crontab(minute="52")},
    "refresh-statistics": {"task": "organizations.tasks.refresh_statistics", "schedule": crontab(minute="37")},
}
if REDIS_URL:
    CELERY_BROKER_URL = env.broker_url(REDIS_URL)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "visibility_timeout": 300,
        "unacked_restore_interval": 2,
        # Well within the 10 s that a vendor gives a webhook: a Redis that has frozen is our trouble.
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        # Sending does not wait for a Redis that is away: the row is the truth, and a sweep finds it.
        "max_retries": 0,
    }
else:
    _broker = DATA_DIR / "broker"
    for _name in ("queue", "processed", "control"):
        (_broker / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "queue"),
        "data_folder_out": str(_broker / "queue"),
        "processed_folder": str(_broker / "processed"),
        "control_folder": str(_broker / "control"),
        "polling_interval": 0.1,
    }
    # Remote control would be one more queue to poll, and nothing uses it.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False

# --- coding tools -------------------------------------------------------------------------------------------------
CODESIGNAL_API_URL = env.vendor_url("CODESIGNAL_API_URL", "https://app.codesignal.com/graphql")
# A key of the stand-in, which admins connect with one click. `make demo` sets it.
CODESIGNAL_TRIAL_KEY = env.text("CODESIGNAL_TRIAL_KEY", "")
CODESIGNAL_TIMEOUT = env.number("CODESIGNAL_TIMEOUT", 20, least=0.1, most=120)
# How long after a lost answer the vendor may still act on the request, in seconds.
LINK_SETTLE_SECONDS = env.number("LINK_SETTLE_SECONDS", 60, least=0, most=3600)

# --- calendars ----------------------------------------------------------------------------------------------------
# One address in place of all of Google's: the calendars, their people, the sign-in. `make demo` sets it.
GOOGLE_STAND_IN_URL = env.vendor_url("GOOGLE_STAND_IN_URL").rstrip("/") if env.is_set("GOOGLE_STAND_IN_URL") else ""
# The clients of this installation, with which people connect their own calendar by consent. Not offered without both.
GOOGLE_CLIENT_ID = env.text("GOOGLE_CLIENT_ID", "")
GOOGLE_CLIENT_SECRET = env.text("GOOGLE_CLIENT_SECRET", "")
MICROSOFT_CLIENT_ID = env.text("MICROSOFT_CLIENT_ID", "")
MICROSOFT_CLIENT_SECRET = env.text("MICROSOFT_CLIENT_SECRET", "")
# `organizations` lets in work accounts of any tenant; a client of one tenant only needs that tenant's id.
MICROSOFT_TENANT = env.text("MICROSOFT_TENANT", "organizations")

# Whether the demo's people have the stand-in's calendars from the start.
DEMO_CALENDARS = env.boolean("DEMO_CALENDARS", True)
CALENDAR_TIMEOUT = env.number("CALENDAR_TIMEOUT", 20, least=0.1, most=120)
MICROSOFT_GRAPH_URL = env.vendor_url("MICROSOFT_GRAPH_URL", "https://graph.microsoft.com/v1.0").rstrip("/")
MICROSOFT_LOGIN_URL = env.vendor_url("MICROSOFT_LOGIN_URL", "https://login.microsoftonline.com").rstrip("/")
# The client secret of the stand-in, which admins connect with one click. `make demo` sets it.
MICROSOFT_TRIAL_SECRET = env.text("MICROSOFT_TRIAL_SECRET", "")

# --- watching -----------------------------------------------------------------------------------------------------
SENTRY_DSN = env.sentry_dsn("SENTRY_DSN")
OTEL_ENDPOINT = env.http_url("OTEL_EXPORTER_OTLP_ENDPOINT", "") if env.is_set("OTEL_EXPORTER_OTLP_ENDPOINT") else ""
METRICS_TOKEN = env.secret_or_none("METRICS_TOKEN")
LOGGING = logging_config(env.choice("LOG_FORMAT", "text", ("text", "json")))
