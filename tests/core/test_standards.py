"""Regions, industries, the working calendar, pinyin search and spreadsheet safety."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.core import industries, pinyin, regions, spreadsheets, widths, workdays
from zhike.core.errors import BadValue


def test_every_region_is_found_by_its_code() -> None:
    assert len(regions.REGIONS) > 3000
    for code in regions.REGIONS:
        assert regions.clean_region(code) == code


def test_a_shown_region_is_found_again() -> None:
    lost = []
    for code, region in regions.REGIONS.items():
        try:
            found = regions.clean_region(regions.show_region(code))
        except BadValue:
            found = ""
        if found != code and region.level < 3:
            lost.append((region.name, found))
    assert not lost


def test_a_region_shown_in_english_is_found_again() -> None:
    lost = [
        code
        for code, region in regions.REGIONS.items()
        if region.level < 3 and regions.clean_region(regions.show_region(code, "en")) != code
    ]
    assert not lost


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("320508", "Gusu District, Suzhou, Jiangsu"),
        ("110105", "Chaoyang District, Beijing"),
        ("150100", "Hohhot, Inner Mongolia"),
        ("610100", "Xi'an, Shaanxi"),
        ("140300", "Yangquan, Shanxi"),
        ("140302", "Cheng District, Yangquan, Shanxi"),
    ],
)
def test_a_region_is_written_in_english(code: str, shown: str) -> None:
    assert regions.show_region(code, "en") == shown
    assert regions.clean_region(shown) == code


@pytest.mark.parametrize(
    ("address", "city"),
    [
        ("江苏省南京市玄武区中山路8号", "江苏省南京市"),
        ("上海市静安区南京西路1266号", "上海市"),
        ("南京西路1266号", None),
        ("中山路8号", None),
        ("西安街12号", None),
        ("长沙东二路3号", None),
    ],
)
def test_a_street_named_after_a_city_lies_in_no_city(address: str, city: str | None) -> None:
    assert regions.city_in(address) == city


def test_an_english_name_that_several_places_bear_is_asked_about() -> None:
    with pytest.raises(BadValue, match="苏州"):
        regions.clean_region("Suzhou")


def test_a_region_knows_those_above_it() -> None:
    assert [one.name for one in regions.lineage("320508")] == ["江苏省", "苏州市", "姑苏区"]
    assert regions.province_of("320508") == "320000"
    assert len(regions.children_of()) == 34


def test_every_industry_is_found_by_code() -> None:
    assert [sum(one.level == level for one in industries.INDUSTRIES.values()) for level in (1, 2, 3, 4)] == [
        20,
        97,
        473,
        1381,
    ]
    for code in industries.INDUSTRIES:
        assert industries.clean_industry(code) == code
        assert industries.clean_industry(industries.show_industry(code)) == code


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (date(2024, 9, 30), 3, date(2024, 10, 10)),  # the National Day week
        (date(2024, 4, 26), 1, date(2024, 4, 28)),  # a Sunday that is worked
        (date(2024, 3, 5), 3, date(2024, 3, 8)),
        (date(2024, 3, 9), 0, date(2024, 3, 11)),  # a Saturday
        (date(2024, 3, 11), -1, date(2024, 3, 8)),
        (date(2031, 1, 3), 1, date(2031, 1, 6)),  # beyond the known years: Monday to Friday
    ],
)
def test_working_days(start: date, days: int, expected: date) -> None:
    assert workdays.add_workdays(start, days) == expected


@given(st.dates(date(2003, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_working_days_count_back(start: date, days: int) -> None:
    assert workdays.workdays_between(start, workdays.add_workdays(start, days)) == days


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("张三丰", "zhangsanfeng"),
        ("张三丰", "zsf"),
        ("张三丰", "三丰"),
        ("张三丰", "zhangs"),
        ("单雄信", "shanxx"[:4]),
        ("单雄信", "sxx"),
        ("曾国藩", "zeng"),
        ("重庆银行", "chongqing"),
        ("重庆银行", "cqyh"),
        ("欧阳娜娜", "oynn"),
        ("华晟精密制造集团", "jingmi"),
        ("John Smith", "smi"),
        ("ＡＢＣ公司", "abc"),
    ],
)
def test_a_name_is_found_by_what_people_type(name: str, typed: str) -> None:
    assert any(term.startswith(typed) for term in pinyin.terms(name))


@given(st.text(max_size=60))
def test_search_words_are_clean(name: str) -> None:
    terms = pinyin.terms(name)
    assert len(terms) == len(set(terms))
    assert all(term and term == term.lower() for term in terms)
    assert pinyin.query_terms(name) is not None


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\tx", "\r=1", "＝1+1"])
def test_what_a_spreadsheet_would_run_is_made_inert(text: str) -> None:
    assert spreadsheets.inert(text) == "'" + text
    assert spreadsheets.restored(spreadsheets.inert(text)) == text


@pytest.mark.parametrize("text", ["", "张三", "-5", "+8613800138000", "-1,234.50", "a=b"])
def test_what_is_harmless_stays(text: str) -> None:
    assert spreadsheets.inert(text) == text


@given(st.text(max_size=30))
def test_nothing_exported_begins_like_a_formula(text: str) -> None:
    written = spreadsheets.inert(text)
    assert not written or (written[0] not in "=@\t\r" and not spreadsheets.is_formula(written))


def test_widths() -> None:
    assert widths.half("ＡＢＣ１２３（）：￥") == "ABC123():¥"
    assert widths.half_words("你好，Ａ１（好）") == "你好，A1（好）"


def test_a_character_without_a_reading_stands_for_itself() -> None:
    assert "wang䶺" in pinyin.terms("王䶺")
