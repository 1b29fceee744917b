"""The accent colour of an organization: one that was chosen, and the shades of it that everybody can read.

Words need a contrast of 4.5 to their ground (WCAG 2.2, 1.4.3). A colour that has less on white, or on the dark theme,
is made darker or lighter there, in its own hue, until it passes.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass
from functools import lru_cache

#: The product's own accent, as in static/css/look.css.
OWN = "#3447d4"
ON_LIGHT, ON_DARK = "#ffffff", "#182030"
LEAST = 4.5
_HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Accent:
    """An accent colour: as it was chosen, and its nearest readable shades, each as `#3447d4`.

    `on_light` is for words on white, and for white words on it (buttons, also on dark grounds). `on_dark` is for words
    on dark grounds.
    """

    chosen: str
    on_light: str
    on_dark: str

    @property
    def is_readable(self) -> bool:
        """Whether the chosen colour itself can be read on white, and carries white words."""
        return self.chosen == self.on_light


def is_colour(text: str) -> bool:
    """Whether a text is a colour as browsers' colour fields send it: `#3447d4`."""
    return _HEX.fullmatch(text) is not None


@lru_cache(maxsize=256)
def accent(colour: str) -> Accent:
    """The accent of a colour; of the product's own where the text is no colour."""
    chosen = colour.lower() if is_colour(colour.lower()) else OWN
    return Accent(chosen, _shade(chosen, ON_LIGHT, -1), _shade(chosen, ON_DARK, 1))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted([_luminance(one), _luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def stylesheet(shades: Accent) -> str:
    """The rules by which what is `.branded` has the accent, in the kit's variables: see static/css/look.css."""
    light, dark = shades.on_light, shades.on_dark
    darker = _mixed(light, "#000000", 0.85)
    rules = {
        "--tblr-primary": light,
        "--tblr-primary-rgb": ", ".join(str(round(channel * 255)) for channel in _channels(light)),
        "--tblr-primary-darken": darker,
        "--tblr-link-color": f"light-dark({light}, {dark})",
        "--tblr-link-hover-color": f"light-dark({darker}, {dark})",
        "--words-accent": f"light-dark({light}, {dark})",
        "--tint-accent": f"light-dark({_mixed(light, ON_LIGHT, 0.08)}, {_mixed(dark, ON_DARK, 0.16)})",
    }
    lines = [f"  {name}: {value};" for name, value in rules.items()]
    return "\n".join([".branded {", *lines, "}"]) + "\n"


def _mixed(colour: str, ground: str, share: float) -> str:
    """A colour mixed into a ground: `share` of it, from 0 to 1."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return _hex([share * mine + (1 - share) * its for mine, its in pairs])


def _shade(colour: str, ground: str, direction: int) -> str:
    """The colour itself, or its nearest shade that can be read on the ground: darker for -1, lighter for 1."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    found = colour
    for step in range(1, 201):
        if contrast(found, ground) >= LEAST:
            break
        level = min(max(lightness + direction * step / 200, 0), 1)
        found = _hex(colorsys.hls_to_rgb(hue, level, saturation))
    return found


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(channels: list[float] | tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def _luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2.2), from 0 to 1."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
