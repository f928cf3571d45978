#!/usr/bin/env python
"""Django's command line, with the embedded database started where a command needs it."""

import sys

from registry_portal.commands import main

if __name__ == "__main__":
    main(sys.argv)
