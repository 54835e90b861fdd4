"""Settings: one file, read from the environment by typed readers that fail loudly.

What a city is stands in its pack; what an operator switches stands in the database; what a machine needs stands here.
Every secret may also come from a file named by the same variable with `_FILE` behind it.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bancheng.lib import keyfile, paykeys
from bancheng.web.logs import LOGGING as LOGGING

ROOT = Path(__file__).resolve().parent.parent.parent


def text(name: str, default: str | None = None) -> str:
    """Return the environment's `name`, or what the file named by `name`_FILE holds; raise when neither is there."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    value = os.environ.get(name, default)
    if value is None:
        raise RuntimeError(f"{name} is not set (see docs/operate/settings.md)")
    return value


def flag(name: str, default: bool = False) -> bool:
    """Return a yes-or-no setting; anything but 1/0, true/false, yes/no is refused."""
    word = text(name, "1" if default else "0").lower()
    if word not in {"1", "0", "true", "false", "yes", "no"}:
        raise RuntimeError(f"{name} must be 1 or 0, not {word!r}")
    return word in {"1", "true", "yes"}


def number(name: str, default: int, *, least: int | None = None) -> int:
    """Return a whole number, no smaller than `least`; anything else is refused."""
    try:
        value = int(text(name, str(default)))
    except ValueError as error:
        raise RuntimeError(f"{name} must be a whole number") from error
    if least is not None and value < least:
        raise RuntimeError(f"{name} must be {least} or more")
    return value


def scanner(name: str) -> str:
    """Return where the malware scanner listens, HOST:PORT or the path of a socket, or "" for none."""
    where = text(name, "")
    host, _, port = where.rpartition(":")
    if where and not where.startswith("/") and not (host and port.isdigit()):
        raise RuntimeError(f"{name} must be HOST:PORT or the path of a socket, not {where!r}")
    return where


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for `url` (postgresql://user:password@host:port/name?host=/socket/folder)."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    options: dict[str, Any] = {"server_side_binding": True, "prepare_threshold": 5}
    if POOL:
        options["pool"] = {"min_size": 1, "max_size": number("DB_POOL", 8), "timeout": 10}
    if sslmode := query.get("sslmode"):
        options["sslmode"] = sslmode
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


PRODUCTION = flag("BANCHENG_PRODUCTION")
DEMO = flag("BANCHENG_DEMO", default=not PRODUCTION)  # one-press sign-in, simulators
SANDBOX_CLOCK = flag("BANCHENG_SANDBOX_CLOCK", default=DEMO)  # the demonstration's time can be set
DEBUG = flag("BANCHENG_DEBUG")
if PRODUCTION and (DEMO or DEBUG):
    raise RuntimeError("BANCHENG_DEMO and BANCHENG_DEBUG must be off in production")
POOL = flag("DB_POOLING", default=True)
VAR = Path(text("BANCHENG_VAR", str(ROOT / "var")))
PACK = Path(text("BANCHENG_PACK", str(ROOT / "packs" / "xuchang")))


def secret(name: str) -> str:
    """Return a secret of the environment, or in the demo one kept in `var/keys`, made on the first run (mode 0600)."""
    if PRODUCTION or name in os.environ or f"{name}_FILE" in os.environ:
        return text(name)
    return keyfile.kept(VAR / "keys" / name.lower(), lambda: os.urandom(32).hex().encode()).decode().strip()


SECRET_KEY = secret("BANCHENG_SECRET_KEY")
FIELD_HASH_KEY = secret("BANCHENG_FIELD_HASH_KEY")  # hex; finds sealed values, changed only by `rehash` (decision 0006)
FIELD_KEYS = secret("BANCHENG_FIELD_KEYS")  # hex master keys, newest first, comma between; see kernel/identity
GATEWAY_SECRET = secret("BANCHENG_GATEWAY_SECRET")  # shared with the message gateways
OIDC_SECRET = secret("BANCHENG_OIDC_SECRET")  # shared with the city's identity provider
EXCHANGE_KEYS = secret(
    "BANCHENG_EXCHANGE_KEYS"
)  # hex seeds of Ed25519, newest first: what partners get from us is signed
REGISTERS_SECRET = secret("BANCHENG_REGISTERS_SECRET")  # shared with the exchange of registers

WEB_ADDRESS = text("BANCHENG_WEB", "127.0.0.1:8000")
SIM_ADDRESS = text("BANCHENG_SIM", "127.0.0.1:8001")
SITE_URL = text("BANCHENG_SITE_URL", f"http://{WEB_ADDRESS}")
SMS_URL = text("BANCHENG_SMS_URL", f"http://{SIM_ADDRESS}/sms/v1")
PUSH_URL = text("BANCHENG_PUSH_URL", f"http://{SIM_ADDRESS}/push/v1")
OIDC_URL = text("BANCHENG_OIDC_URL", f"http://{SIM_ADDRESS}/idp")
REGISTERS_URL = text("BANCHENG_REGISTERS_URL", f"http://{SIM_ADDRESS}/registers/v1")
REGISTERS_SECONDS = number(
    "BANCHENG_REGISTERS_SECONDS", 3, least=1
)  # an applicant waits no longer for an answer, twice


def pay_channel(prefix: str, fields: dict[str, str], demo: dict[str, str]) -> dict[str, str] | None:
    """Return a payment channel's settings, the demonstration's own in the demo, None when none is set. Half of them are refused."""
    given = {field: text(f"{prefix}_{name}", "") for field, name in fields.items()}
    missing = [f"{prefix}_{fields[field]}" for field, value in given.items() if not value]
    if len(missing) == len(fields):
        return demo if DEMO else None
    if missing:
        raise RuntimeError(f"{', '.join(missing)} is not set (see docs/operate/settings.md)")
    return given


def _demo_keys(channel: str) -> dict[str, str]:
    made = paykeys.keys(VAR, channel)
    return {"private_key": made.merchant.private, "platform_key": made.platform.public}


WECHAT_PAY = pay_channel(
    "BANCHENG_WECHAT",
    {
        "base_url": "URL",
        "mchid": "MCHID",
        "appid": "APPID",
        "serial": "SERIAL",
        "private_key": "PRIVATE_KEY",
        "apiv3_key": "APIV3_KEY",
        "platform_serial": "PLATFORM_SERIAL",
        "platform_key": "PLATFORM_KEY",
    },
    {
        "base_url": f"http://{SIM_ADDRESS}/wechatpay",
        "mchid": paykeys.MERCHANT,
        "appid": paykeys.APP_ID,
        "serial": paykeys.SERIAL,
        "apiv3_key": paykeys.keys(VAR, "wechat").apiv3,
        "platform_serial": paykeys.PLATFORM_SERIAL,
        **_demo_keys("wechat"),
    }
    if DEMO
    else {},
)
# inside WeChat a silent sign-in says who pays; without the app's secret its payers are asked to open the page in a browser
WECHAT_APP_SECRET = text("BANCHENG_WECHAT_APP_SECRET", paykeys.APP_SECRET if DEMO else "")
WECHAT_AUTHORIZE_URL = text(
    "BANCHENG_WECHAT_AUTHORIZE_URL",
    f"http://{SIM_ADDRESS}/wechat/authorize" if DEMO else "https://open.weixin.qq.com/connect/oauth2/authorize",
)
WECHAT_TOKEN_URL = text(
    "BANCHENG_WECHAT_TOKEN_URL",
    f"http://{SIM_ADDRESS}/wechat/access_token" if DEMO else "https://api.weixin.qq.com/sns/oauth2/access_token",
)
ALIPAY = pay_channel(
    "BANCHENG_ALIPAY",
    {
        "base_url": "URL",
        "app_id": "APP_ID",
        "seller_id": "SELLER_ID",
        "private_key": "PRIVATE_KEY",
        "platform_key": "PLATFORM_KEY",
    },
    {
        "base_url": f"http://{SIM_ADDRESS}/alipay/gateway.do",
        "app_id": paykeys.ALIPAY_APP,
        "seller_id": paykeys.SELLER,
        **_demo_keys("alipay"),
    }
    if DEMO
    else {},
)

# devices of shared power: an outside broker by MQTT_URL, else the embedded one, on loopback, its passwords made on the first run
MQTT_ADDRESS = text("BANCHENG_MQTT", "127.0.0.1:1883")
MQTT_SECRET = secret("BANCHENG_MQTT_SECRET") if DEMO else text("BANCHENG_MQTT_SECRET", "")  # of the platform
MQTT_PASSWORDS = Path(text("BANCHENG_MQTT_PASSWORDS", str(VAR / "broker" / "passwords")))  # of gateways, as hashes
OCPP_ADDRESS = text("BANCHENG_OCPP", "127.0.0.1:18887")  # where charge points come
METERS_ADDRESS = text("BANCHENG_METERS", "127.0.0.1:18645")  # where the simulated meters answer
METERS_BACK_OFF = number("BANCHENG_METERS_BACK_OFF", 60, least=1)  # simulated gateways come back within so many seconds
BANKS = number("BANCHENG_BANKS", 12, least=1)  # rounds of a simulated bank an hour; none where there are no PEOPLE
PEOPLE = number("BANCHENG_PEOPLE", 12, least=0)  # simulated passers-by an hour, 0 for none
MQTT_URL = text("MQTT_URL", f"mqtt://platform:{MQTT_SECRET}@{MQTT_ADDRESS}")
OIDC_ORIGIN = "://".join(urlsplit(OIDC_URL)[:2])
OIDC_CLIENT_ID = text("BANCHENG_OIDC_CLIENT_ID", "bancheng")

# documents people hand in (kernel/documents): sealed on disk, or in a bucket that speaks S3 when one is named
DOCUMENTS_FOLDER = VAR / "documents"
S3_URL = text("BANCHENG_S3_URL", "")
S3_BUCKET = text("BANCHENG_S3_BUCKET", "bancheng")
S3_REGION = text("BANCHENG_S3_REGION", "us-east-1")  # what servers with one region call it
S3_KEY_ID = text("BANCHENG_S3_KEY_ID", None if S3_URL else "")
S3_SECRET = text("BANCHENG_S3_SECRET", None if S3_URL else "")
CLAMD = scanner("BANCHENG_CLAMD")
DOCUMENT_MEGABYTES = number("BANCHENG_DOCUMENT_MEGABYTES", 20, least=1)
DOCUMENT_PAGES = number("BANCHENG_DOCUMENT_PAGES", 200, least=1)
DOCUMENT_MEGAPIXELS = number("BANCHENG_DOCUMENT_MEGAPIXELS", 100, least=1)
DOCUMENT_UNPACKED_MEGABYTES = number("BANCHENG_DOCUMENT_UNPACKED_MEGABYTES", 200, least=1)
PARTNER_UPLOADS = number("BANCHENG_PARTNER_UPLOADS", 500, least=1)  # what one partner may have lying here unused
PARTNER_UPLOAD_MEGABYTES = number("BANCHENG_PARTNER_UPLOAD_MEGABYTES", 2000, least=1)
DOCUMENT_KEEP_DAYS = number("BANCHENG_DOCUMENT_KEEP_DAYS", 30, least=1)
# certificates: a folder of the units' seals and roots.pem; without it a test authority seals, and what it seals is marked 样章
SEALS = text("BANCHENG_SEALS") if PRODUCTION else text("BANCHENG_SEALS", "")
SEALS_PASSWORD = text("BANCHENG_SEALS_PASSWORD", "")  # of the key files, when they are encrypted
TSA_URL = text("BANCHENG_TSA_URL", "")  # RFC 3161; empty: seals carry no trusted time
CERTIFICATE_URL = text("BANCHENG_CERTIFICATE_URL", f"{SITE_URL}/certificates/verify/")  # a code behind it is a page

# webhooks of partners (kernel/exchange): the demonstration's simulated partner is on loopback and speaks plain http
PARTNER_PACE = number("BANCHENG_PARTNER_PACE", 3000)  # requests of one partner in a minute
WEBHOOK_PLAIN = flag("BANCHENG_WEBHOOK_PLAIN", default=DEMO)
WEBHOOK_PRIVATE = flag("BANCHENG_WEBHOOK_PRIVATE", default=DEMO)
if PRODUCTION and WEBHOOK_PLAIN:
    raise RuntimeError("BANCHENG_WEBHOOK_PLAIN must be off in production")

ALLOWED_HOSTS = text("BANCHENG_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []

SERVICES = [
    "bancheng.services.guides",
    "bancheng.services.expiry",
    "bancheng.services.onething",
    "bancheng.services.ratings",
    "bancheng.services.sockets",
    "bancheng.services.landshares",
    "bancheng.services.registry",
    "bancheng.services.mortgages",
    "bancheng.services.partners",
    "bancheng.services.certificates",
    "bancheng.services.corrections",
    "bancheng.services.mine",
    "bancheng.services.console",
    "bancheng.services.proof",
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "template_partials",
    "bancheng.kernel.clocks",
    "bancheng.kernel.audit",
    "bancheng.kernel.jobs",
    "bancheng.kernel.identity",
    "bancheng.kernel.catalogue",
    "bancheng.kernel.licences",
    "bancheng.kernel.forms",
    "bancheng.kernel.documents",
    "bancheng.kernel.certificates",
    "bancheng.kernel.notices",
    "bancheng.kernel.claims",
    "bancheng.kernel.credit",
    "bancheng.kernel.ledger",
    "bancheng.kernel.payments",
    "bancheng.kernel.letters",
    "bancheng.kernel.cases",
    "bancheng.kernel.exchange",
    "bancheng.kernel.ratings",
    "bancheng.kernel.titles",
    "bancheng.kernel.registrations",
    "bancheng.pack",
    "bancheng.web",
    "ninja",  # behind the web: its page of the interface is ours
    *SERVICES,
    "bancheng.site",
]

# Kept short on purpose: a full stack costs a third of an ordinary page.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "bancheng.kernel.identity.sessions.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bancheng.web.middleware.Doors",
]

ROOT_URLCONF = "bancheng.site.urls"
WSGI_APPLICATION = "bancheng.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "bancheng" / "web" / "templates"],  # before the libraries' own: our sign-in pages win
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "bancheng.web.context.page",
            ],
            "builtins": ["bancheng.web.templatetags.bc", "template_partials.templatetags.partials"],
        },
    }
]

DATABASES = {"default": database(text("DATABASE_URL", "postgresql:///bancheng"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# accounts: staff by password and second factor, citizens through the city's identity provider (kernel/identity)
AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
REGION = text("BANCHENG_REGION", "411000")  # the city: region of persons and grants made at sign-in
ACCOUNT_ADAPTER = "bancheng.kernel.identity.adapters.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = True  # SESSION_COOKIE_AGE counts; nobody is asked
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "20/m/ip,5/300s/key", "change_password": "5/m/user"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.partition("://")[0]
ALLAUTH_TRUSTED_PROXY_COUNT = number("BANCHENG_PROXIES", 0)  # proxies in front that append to X-Forwarded-For
MFA_ADAPTER = "bancheng.kernel.identity.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "bancheng.kernel.identity.adapters.CityAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # one press on the city's door
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_QUERY_EMAIL = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "city",
                "name": "城市统一身份认证",
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_SECRET,
                "settings": {
                    "server_url": OIDC_URL,
                    "token_auth_method": "client_secret_basic",
                    "oauth_pkce_enabled": True,
                    "scope": ["openid", "profile", "citizen_id", "mobile", "organisations"],
                },
            }
        ]
    }
}
# Throttles count across every worker and machine, so they live in the database.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "identity_cache"}}
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "bancheng.kernel.identity.sessions"  # Django's, read together with the account
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = False  # TLS ends at the proxy in front; see docs/operate
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        # a browser may follow a form through its redirects, and sign-in is a form that ends at the city's door
        "form-action": ["'self'", *sorted({OIDC_ORIGIN, *([f"http://{SIM_ADDRESS}"] if DEMO else [])})],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if flag("BANCHENG_STATIC_HASHES", default=PRODUCTION)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
MEDIA_ROOT = VAR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

SILENCED_SYSTEM_CHECKS: list[str] = []
