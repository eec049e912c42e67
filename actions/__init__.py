"""Rasa custom actions: they read the service directory and compose replies."""
