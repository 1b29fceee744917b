"""Measurements, apart from the tests: what `make bench` and `make soak` run."""
