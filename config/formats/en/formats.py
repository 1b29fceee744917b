"""English: the 24-hour clock and the day before the month, which no reader can take for something else.

Every language has the same names. Django knows the first ones; pages name the others too: `|date:"DAY_FORMAT"`.
"""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
FIRST_DAY_OF_WEEK = 1

SECOND_FORMAT = "j M Y, H:i:s"
SHORT_DAY_TIME_FORMAT = "j M, H:i"
DAY_FORMAT = "D j M"
DAY_TIME_FORMAT = "D j M, H:i"
DAY_YEAR_FORMAT = "D j M Y"
DAY_YEAR_TIME_FORMAT = "D j M Y, H:i"
LONG_DATE_FORMAT = "j F Y"
LONG_DAY_OF_MONTH_FORMAT = "j F"
LONG_DAY_FORMAT = "l, j F"
LONG_DAY_YEAR_FORMAT = "l, j F Y"
LONG_DAY_YEAR_TIME_FORMAT = "l, j F Y, H:i"
