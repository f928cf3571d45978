"""The wiring: settings, URLs, error mapping, background work, embedded services."""
