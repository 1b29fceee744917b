"""Pages of the integrations' settings."""
