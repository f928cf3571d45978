"""How Django writes dates and times where the portal does not: in the admin."""
