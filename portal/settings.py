"""All settings, read from the environment (and from .env in the project's folder, where the environment wins).

PROFILE decides how open the portal is: `production` (the default) or `demo`, which serves the loopback address only,
works over plain http and says on every page that it is a demonstration.
"""

import secrets
import shutil
import sys
import tomllib
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.signing import kept_key, new_key
from portal.timetable import TIMETABLE

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

env = environ.Env()
env.read_env(BASE_DIR / ".env", overwrite=False)

VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

# --- profile -------------------------------------------------------------------------------------------------------

# The suite runs in the demonstration profile whatever .env says; only its throw-away databases are named by it.
TESTING = "pytest" in sys.modules
PROFILE = "demo" if TESTING else env.str("PROFILE", "production")
if PROFILE not in {"demo", "production"}:
    raise ImproperlyConfigured(f"PROFILE is {PROFILE!r}; it must be demo or production.")
DEMO = PROFILE == "demo"

DEBUG = False
SECRET_KEY = secrets.token_urlsafe(50) if TESTING else env.str("SECRET_KEY", "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Put a long random value into the environment or into .env; "
        "`make setup` writes one for a demonstration."
    )

# Signs verification sheets (Ed25519): 32 random bytes in base64, kept out of the database. It may be changed at any
# time: sheets that were signed with an earlier one stay valid, as every public key is kept.
SIGNING_KEY = new_key() if TESTING else env.str("SIGNING_KEY", "")
if DEMO and not SIGNING_KEY:
    SIGNING_KEY = kept_key(VAR_DIR / "demo_signing_key")

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = LOOPBACK if DEMO else env.list("ALLOWED_HOSTS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

# Shown in the foot of every page.
HOST_OFFICE = env.str("HOST_OFFICE", "")
HOST_CONTACT = env.str("HOST_CONTACT", "")

# --- applications --------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "portal",
    "reviews",
    "creation",
    "rules.apps.AutodiscoverRulesConfig",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "csp",
    "axes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "portal.apps.StaticFiles",
]

MIDDLEWARE = [
    "portal.middleware.NoteArrival",
    "portal.middleware.NoCookiesForPrograms",
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.RequestSizeLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # kept by the process once for each language, with everything written out that is the same for all readers
            "loaders": [
                (
                    "portal.folding.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["portal.templatetags.gap"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.frame",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False
FORM_RENDERER = "portal.rendering.NamingRenderer"

# --- database ------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url_config(env.str("DATABASE_URL", "") or f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
_db = DATABASES["default"]
_db["CONN_MAX_AGE"] = 600
_db["CONN_HEALTH_CHECKS"] = True
if _db["ENGINE"] == "django.db.backends.sqlite3":
    # With the defaults most concurrent read-then-write requests fail with "database is locked".
    # Tests need no durability, so they alone go without the disk's answer.
    _db["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; "
            f"PRAGMA synchronous={'OFF' if TESTING else 'FULL'}; "
            "PRAGMA foreign_keys=ON; "
            "PRAGMA recursive_triggers=ON;"
        ),
    }
    if TESTING:
        # In a file and not in memory: several threads then meet as they do in service.
        (VAR_DIR / "test").mkdir(exist_ok=True)
        _db["TEST"] = {"NAME": str(VAR_DIR / "test" / "db.sqlite3")}
else:
    # The portal answers 503 quickly when the server is away, and never acknowledges what may still be lost.
    _durable = "off" if TESTING else "on"
    _db["OPTIONS"] = {"connect_timeout": 2, "options": f"-c synchronous_commit={_durable} -c jit=off"}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- tasks ---------------------------------------------------------------------------------------------------------

LONGEST_TASK_SECONDS = 6 * 3600 + 60  # an archive
REDIS_URL = env.str("REDIS_URL", "")
BROKER_FILE = VAR_DIR / "broker.sqlite3"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # above the longest task, or a second worker would be handed what the first one is still at; what a killed
        # worker leaves behind is found by the sweep, not by this
        "visibility_timeout": LONGEST_TASK_SECONDS + 300,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 2,  # a person who rings a silent broker waits no longer than this
    }
elif TESTING:
    CELERY_BROKER_URL = "memory://"
else:
    CELERY_BROKER_URL = f"sqla+sqlite:///{BROKER_FILE}"

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 300
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
# A person never waits for the bell: the sweep finds the row anyway.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = TIMETABLE

# --- people --------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "creation.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# A person at an address is locked out, not the whole office behind that address and not the person everywhere.
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "portal.addresses.client_address"
AXES_LOCKOUT_CALLABLE = "portal.views.accounts.locked_out"
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Tokens with which programs read the portal in a person's name.
API_TOKEN_DAYS = env.int("API_TOKEN_DAYS", 365)  # the longest time one can be valid
API_TOKENS_PER_PERSON = env.int("API_TOKENS_PER_PERSON", 10)  # live at the same time

# --- sessions, cookies, headers ------------------------------------------------------------------------------------

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not DEMO
_prefix = "portal_" if DEMO else "__Host-"
SESSION_COOKIE_NAME = f"{_prefix}session"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
LANGUAGE_COOKIE_NAME = f"{_prefix}language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"
# In the session, so that a message about a file never travels in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_SSL_REDIRECT = not DEMO
SECURE_HSTS_SECONDS = 0 if DEMO else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    # Only a proxy of ours may say that the outer connection was https.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

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
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}

# --- languages and time --------------------------------------------------------------------------------------------

LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
# The suite reads the source texts; a test of the Chinese pages asks for them.
LANGUAGE_CODE = "en" if TESTING else "zh-hans"
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
FORMAT_MODULE_PATH = ["portal.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- files ---------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns where it is missing
STATICFILES_DIRS = [BASE_DIR / "static"]
# Papers (PDF): their templates, and the folder with the Chinese fonts they embed (`make setup` brings them).
PAPER_DIR = BASE_DIR / "templates" / "paper"
FONTS_DIR = Path(env.str("FONTS_DIR", str(BASE_DIR / "node_modules" / "@expo-google-fonts" / "noto-sans-sc")))
# Pictures are drawn by ECharts in node: the node of the virtual environment, else of the machine; its program is built
# by `make setup` and never served.
NODE = env.str("NODE", "") or shutil.which("node", path=Path(sys.prefix) / "bin") or shutil.which("node") or "node"
CHART_SERVER = VAR_DIR / "charts" / "server.js"
# Evidence is private: it leaves through a view that asks who is looking, never through an address of its own.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = TESTING
WHITENOISE_AUTOREFRESH = False
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 20 * 1024**2)  # one evidence file
UPLOAD_MAX_FILES = 20  # at once
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 100 * 1024**2)  # one register file; 300,000 rows are about 40 MB
REQUEST_MAX_BYTES = UPLOAD_MAX_FILES * UPLOAD_MAX_BYTES + 5 * 1024**2
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024**2  # everything in a form but its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
DATA_UPLOAD_MAX_NUMBER_FILES = UPLOAD_MAX_FILES

# Reports (documents and long tables that somebody asked for): how many one person may have waiting at a time, and for
# how many days a written one is kept.
REPORTS_WAITING = env.int("REPORTS_WAITING", 3)
REPORT_DAYS = env.int("REPORT_DAYS", 7)
ARCHIVE_DAYS = env.int("ARCHIVE_DAYS", 90)  # days a written archive can be downloaded; its row and hashes stay
# The columns that the State's system asks for, in their order: a file that may be edited, or another one in its place.
STATE_COLUMNS = Path(env.str("STATE_COLUMNS", str(BASE_DIR / "data" / "state_columns.json")))

# How much work, in leading zero bits, an objection from the public costs the sender's machine: 18 are some 260,000
# hashes, a few seconds on a phone while somebody writes. A bit more with each doubling above a number of objections per
# address and hour; 0 asks for nothing (a closed network).
PROOF_BITS = env.int("PROOF_BITS", 4 if TESTING else 18)

# Whether messages to other systems may go inside the own network and without encryption: for systems of the same house.
WEBHOOKS_INSIDE = env.bool("WEBHOOKS_INSIDE", DEMO)

# How many days the demonstration's clock runs ahead; read in the demonstration profile only.
DEMO_CLOCK_FILE = VAR_DIR / ("test" if TESTING else "") / "demo_clock"

# Ring the worker right after a commit; without it the sweep finds the row within 30 seconds.
DOORBELL = not TESTING

# --- mail and logs -------------------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", f"filemail:///{VAR_DIR / 'mail'}" if DEMO else "smtp://localhost:25"))
EMAIL_TIMEOUT = 20  # seconds; a mail server that hangs holds up one mail, not the sweep
# How mails name the portal: scheme and host as people open it, without a path.
PORTAL_ADDRESS = env.str("PORTAL_ADDRESS", f"http://127.0.0.1:{env.int('PORT', 8000)}" if DEMO else "")
DIGEST_AT = env.str("DIGEST_AT", "07:30")  # once a day, Asia/Shanghai
# Nobody says in which language they read their mail, so it is the portal's own.
MAIL_LANGUAGE = env.str("MAIL_LANGUAGE", LANGUAGE_CODE)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", "portal@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"level": "INFO", "propagate": True, "handlers": []},
        # a refused or lost request is an answer, not a fault: no traceback for each
        "django.request": {"level": "ERROR", "propagate": True, "handlers": []},
    },
}
