"""The demonstration organisation: four teams, their people and programs, and what they did to eight models."""
