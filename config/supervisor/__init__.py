"""Runs all of Panelist on one machine: starts its processes, watches them, and restarts crashed ones."""
