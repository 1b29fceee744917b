"""The pseudo-language writes dates as English does."""

from config.formats.en.formats import *  # noqa: F403
