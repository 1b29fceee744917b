"""Pages of schedules and candidates."""
