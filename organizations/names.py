"""The name by which a person is greeted. A name is one field: nobody is asked which part of it is which. Pure.

A wrong first name is worse than a long greeting. So the first word is taken only where it can hardly be anything else,
and the whole name otherwise.
"""

from __future__ import annotations

import re

# Kana, Hangul and Han: the family name comes first.
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words("""
dr prof professor doctor mr mrs ms miss mx sir madam dame lord lady rev fr herr frau dipl ing mag mme mlle m monsieur
madame sr sra señor señora sig dott don doña hajji sheikh shri smt
""")
# Particles that belong to the family name after them.
_PARTICLES = _words("de da do dos du del della der den di el la le van von ten ter zu bin ibn bint al abu")
# The most common family names that are written first, in Latin letters: Japan, China, Korea, Viet Nam, Hungary.
_FAMILY_NAMES = _words("""
sato satō suzuki takahashi tanaka watanabe ito itō itoh yamamoto nakamura kobayashi kato katō yoshida yamada sasaki
yamaguchi matsumoto inoue kimura hayashi shimizu yamazaki mori ikeda hashimoto abe ishikawa ogawa fujita
wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie tang feng deng
kim lee park choi jung jeong kang cho yoon jang lim han oh seo shin kwon hwang ahn song hong
nguyen nguyễn tran trần lê pham phạm hoang hoàng huynh huỳnh phan vu vũ vo võ dang đặng bui bùi đỗ ngo ngô
nagy kovács kovacs tóth toth szabó szabo horváth horvath varga kiss molnár molnar németh nemeth farkas balogh
""")
_UNSURE = _TITLES | _PARTICLES | _FAMILY_NAMES


def first_name(name: str) -> str:
    """Return the name to greet a person by: `Ann` of `Ann Lee`.

    The whole name where the first word may be none to greet by: a title (`Dr Ada Osei`), an initial (`J. Lee`), a
    surname before a comma (`Osei, Ada`), in capitals (`OSEI Ada`), or one that is usually written first (`Watanabe
    Yuki`, `渡辺 由紀`).
    """
    whole = " ".join(name.split())
    first, _blank, rest = whole.partition(" ")
    if not rest or "," in whole or _EAST_ASIAN.search(first) or "." in first or len(first) == 1:
        return whole
    in_capitals = first.isupper() and not rest.isupper()
    return whole if in_capitals or first.casefold() in _UNSURE or not first[0].isalpha() else first
