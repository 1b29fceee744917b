"""Backups of an installation, their restore, and the move from SQLite to PostgreSQL.

`services` has the acts, `archive` the one file that a backup is, `sqlite` and `postgres` what the engines do, `running`
finds out whether Panelist runs, `keys` and `nightly` what their names say, `moving` copies to PostgreSQL.
"""
