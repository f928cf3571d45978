"""Bases of the admin, the face of compliance officers and administrators; registers nothing itself."""
