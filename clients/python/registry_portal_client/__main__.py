"""`python -m registry_portal_client` is the command line."""

import sys

from registry_portal_client.cli import main

sys.exit(main())
