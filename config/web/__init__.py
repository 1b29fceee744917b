"""The web server: waitress, with bounds on what a visitor may occupy."""
