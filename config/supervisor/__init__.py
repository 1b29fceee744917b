"""Runs all of Panelist on one machine: starts its processes, watches them, and starts again what crashed."""
