"""Divisions of China in English: pinyin by the national spelling rules, and the names that are not spelt by it.

Provinces and cities of the Mongolian, Uyghur and Tibetan regions are written as the standard for geographical names of
minority languages has them (Hohhot, Ürümqi without its accent); districts by pinyin with what they are.
"""

from functools import lru_cache

from pypinyin import lazy_pinyin

_OWN = {
    "15": "Inner Mongolia",
    "54": "Tibet",
    "61": "Shaanxi",
    "71": "Taiwan",
    "81": "Hong Kong",
    "82": "Macao",
    "1501": "Hohhot",
    "1502": "Baotou",
    "1506": "Ordos",
    "1507": "Hulunbuir",
    "1508": "Bayannur",
    "1509": "Ulanqab",
    "1522": "Hinggan",
    "1525": "Xilingol",
    "1529": "Alxa",
    "2301": "Harbin",
    "2302": "Qiqihar",
    "2327": "Da Hinggan Ling",
    "3415": "Lu'an",
    "3310": "Taizhou",
    "5401": "Lhasa",
    "5402": "Xigaze",
    "5403": "Qamdo",
    "5404": "Nyingchi",
    "5405": "Shannan",
    "5406": "Nagqu",
    "5425": "Ngari",
    "5133": "Garze",
    "5132": "Aba",
    "6322": "Haibei",
    "6326": "Golog",
    "6327": "Yushu",
    "6501": "Urumqi",
    "6502": "Karamay",
    "6504": "Turpan",
    "6505": "Hami",
    "6523": "Changji",
    "6527": "Bortala",
    "6528": "Bayingolin",
    "6529": "Aksu",
    "6530": "Kizilsu",
    "6531": "Kashgar",
    "6532": "Hotan",
    "6540": "Ili",
    "6542": "Tacheng",
    "6543": "Altay",
}
# Characters of several readings whose place name is not in the phrase table.
_READ = {
    "朝阳": "Chaoyang",
    "乐亭": "Laoting",
    "铅山": "Yanshan",
    "番禺": "Panyu",
    "东阿": "Dong'e",
    "浚": "Xun",
    "莘": "Shen",
}
_KINDS = {"区": "District", "县": "County", "旗": "Banner"}


@lru_cache(maxsize=4096)
def english(code: str, name: str, short: str) -> str:
    """A division in English: `short` is its name without what it is, which a district or county keeps as a word."""
    if code[4:] == "00":
        return _OWN.get(code[:2] if code[2:4] == "00" else code[:4]) or _spelt(short)
    kind = _KINDS.get(name[-1], "")
    return f"{_spelt(name[:-1] if kind and short == name else short)} {kind}".rstrip()


def _spelt(name: str) -> str:
    """One word; an apostrophe stands before a syllable that begins with a vowel."""
    if name in _READ:
        return _READ[name]
    syllables = lazy_pinyin(name)
    joined = "".join(f"'{one}" if number and one[0] in "aoe" else one for number, one in enumerate(syllables))
    return joined.capitalize()
