"""Google Calendar: of everybody in a Workspace, or of one person who agreed."""
