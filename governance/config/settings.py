"""Settings of the hub. The environment is read here and nowhere else; see .env.example."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from governance.config.environment import Environment, secret_kept
from governance.console import theme

ROOT = Path(__file__).resolve().parents[2]
env = Environment()
env.read_env(ROOT / ".env")

VAR = env.folder("VAR_DIR", default=ROOT / "var")

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

SECRET_KEY = env.str("SECRET_KEY", default="") or secret_kept(VAR / "secret_key")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.guardian",
    "governance.console.admin_app.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "guardian",
    "rest_framework",
    "gridmap",
    "governance.access",
    "governance.audit",
    "governance.feed",
    "governance.records",
    "governance.events",
    "governance.rules",
    "governance.tasks",
    "governance.verify",
    "governance.publish",
    "governance.sync",
    "governance.console",
]

MIDDLEWARE = [
    "governance.sync.middleware.DeviceRoutes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "governance.access.middleware.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "governance.console.middleware.ContentPolicy",
]

ROOT_URLCONF = "governance.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "governance" / "console" / "templates"],  # before those of the packages
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{VAR / 'hub.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers wait for one another instead of failing; what was answered survives a power cut. A day's run
    # looks up tasks all over their index, which 64 MB of pages hold where the usual 2 MB do not.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        " PRAGMA cache_size=-65536;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A push is the same few statements over and over: the server plans each once a connection.
    # Behind a pooler that shares connections between clients set DATABASE_PREPARE=0.
    prepared = env.bool("DATABASE_PREPARE", default=True)
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),  # what the address says, as of encryption
        "server_side_binding": True,
        "prepare_threshold": 3 if prepared else None,
    }
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = not prepared

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "discreet": {
            "()": "governance.config.log.Discreet",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},  # who asks for what is not there is told so himself
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "governance.access.validators.StrongPassword"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Five failures of one user name from one address lock it there for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "governance.access.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "governance.access.address.address_of"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # the audit has it
AXES_VERBOSE = False
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# Threads of a web process that work on requests. Half of them at most make long snapshots at any time.
HUB_THREADS = max(1, env.int("HUB_THREADS", default=2))

# Where tablets hear that something waits for them: a process of its own, see governance/sync/poke.
POKE_URL = env.str("POKE_URL", default="")
POKE_PORT = env.int("POKE_PORT", default=0)
POKE_MOST = env.int("POKE_MOST", default=20_000)
POKE_CHECK_SECONDS = env.float("POKE_CHECK_SECONDS", default=30.0)
ENROL_PER_MINUTE = env.int("ENROL_PER_MINUTE", default=120)
DEVICE_GRACE_DAYS = env.int("DEVICE_GRACE_DAYS", default=30)
PUBLISH_PER_MINUTE = env.int("PUBLISH_PER_MINUTE", default=600)
ALARM_WRONG_KEYS_PER_MINUTE = env.int("ALARM_WRONG_KEYS_PER_MINUTE", default=60)
DEVICE_PER_MINUTE = env.int("DEVICE_PER_MINUTE", default=12_000)
BUNDLES_PER_MINUTE = env.int("BUNDLES_PER_MINUTE", default=60)

# What bundles are sealed for and receipts signed with; made at the first use, kept beside the data.
BUNDLE_KEYS = Path(env.str("BUNDLE_KEYS", default=str(VAR / "bundle_keys.json")))

# A console session: half an hour idle, ten hours in all, two at a time for one account.
SESSION_COOKIE_AGE = 10 * 3600
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=30 * 60)
SESSIONS_PER_ACCOUNT = env.int("SESSIONS_PER_ACCOUNT", default=2)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SECURE = env.bool("SECURE", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE and TRUSTED_PROXIES else None

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [("maplibre", theme.maplibre_folder())]
UNFOLD = theme.UNFOLD
WHITENOISE_USE_FINDERS = True  # straight from the packages: nothing to collect, nothing to go stale


def _files_storage() -> dict[str, Any]:
    """Say where photos and files lie: in a folder, or in a bucket of an S3-compatible service."""
    bucket = env.str("FILES_S3_BUCKET", default="")
    if not bucket:
        folder = env.str("FILES_DIR", default=str(VAR / "files"))
        return {
            "BACKEND": "governance.records.files.storage.DurableStorage",
            "OPTIONS": {"location": folder},
        }
    options = {
        "bucket_name": bucket,
        "endpoint_url": env.str("FILES_S3_ENDPOINT", default="") or None,
        "region_name": env.str("FILES_S3_REGION", default="") or None,
        "access_key": env.str("FILES_S3_KEY", default="") or None,
        "secret_key": env.str("FILES_S3_SECRET", default="") or None,
        "location": "files",
        "file_overwrite": True,  # names are made from the content
        "default_acl": None,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "files": _files_storage(),
}
# Unfinished uploads; where several machines serve one address they need the same folder.
UPLOADS_DIR = Path(env.str("UPLOADS_DIR", default=str(VAR / "uploads")))
FILES_MAX_MB = env.int("FILES_MAX_MB", default=20)
FILES_DEVICE_DAILY_MB = env.int("FILES_DEVICE_DAILY_MB", default=2048)
FILES_UNFINISHED_DAYS = env.int("FILES_UNFINISHED_DAYS", default=14)

FIXTURES = ROOT / "fixtures"
