"""The settings of the suite: the portal's own, in a home of their own, before Django reads them."""

import atexit
import os
import shutil
import tempfile

os.environ["PORTAL_ENV"] = "test"
os.environ["CELERY_BROKER_URL"] = "memory://"
os.environ.setdefault("PORTAL_HOME", os.path.join(os.path.dirname(__file__), "..", "..", "var", "test"))
os.makedirs(os.path.join(os.environ["PORTAL_HOME"], "static"), exist_ok=True)
# Playwright's synchronous interface runs an event loop in the thread that also uses the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
for name in ("DEBUG", "SECRET_KEY", "CACHE_URL", "ARTIFACT_BUCKET", "EMAIL_URL", "PUBLIC_URL"):
    os.environ.pop(name, None)

from registry_portal.settings import *  # noqa: E402, F403

# Hashing slowly on purpose is Django's part and costs the suite minutes; running servers keep their own setting.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Each process keeps bytes of its own: a test may spoil what another test's equal bytes would share.
ARTIFACTS = tempfile.mkdtemp(prefix="portal-artifacts-")
atexit.register(shutil.rmtree, ARTIFACTS, ignore_errors=True)
STORAGES = {**STORAGES, "artifacts": {**STORAGES["artifacts"], "OPTIONS": {"location": ARTIFACTS}}}  # noqa: F405
