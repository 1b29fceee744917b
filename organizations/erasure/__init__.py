"""Erase an account or an organization, and tell a person all that is held on them.

`accounts` and `closing` say when, `traces` finds a person in this app's tables, `held` collects. The apps above do
their part by `hooks/erasures.py`.
"""
