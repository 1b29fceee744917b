"""Run all of Panelist on one machine: start its processes, watch them, and restart crashed ones."""
