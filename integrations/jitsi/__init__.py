"""Jitsi Meet on an organization's own host."""
