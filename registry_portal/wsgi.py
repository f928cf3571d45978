"""The WSGI application that granian or any other server runs."""

import os

from django.core.wsgi import get_wsgi_application

from registry_portal import lifeline

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")

lifeline.die_with_parent()
application = get_wsgi_application()

from registry_portal import production  # noqa: E402 - needs the applications loaded above

production.refuse_demonstration_users()
