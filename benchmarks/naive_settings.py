"""The product's settings with the address of the naive page alone."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.naive"
