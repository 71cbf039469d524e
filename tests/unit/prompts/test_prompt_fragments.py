"""What callers hear for numbers, places and times: the Chinese and the English, as text."""

import pytest

from ivr.prompts import fragments
from ivr.prompts.catalogue import load_catalogue
from ivr.prompts.model import LANGUAGES, Catalogue, Language

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (0, "零", "zero"),
        (2, "二", "two"),
        (10, "十", "ten"),
        (12, "十二", "twelve"),
        (20, "二十", "twenty"),
        (22, "二十二", "twenty two"),
        (100, "一百", "one hundred"),
        (105, "一百零五", "one hundred five"),
        (110, "一百一十", "one hundred ten"),
        (112, "一百一十二", "one hundred twelve"),
        (200, "两百", "two hundred"),
        (222, "两百二十二", "two hundred twenty two"),
        (250, "两百五十", "two hundred fifty"),
        (1_000, "一千", "one thousand"),
        (1_002, "一千零二", "one thousand two"),
        (1_010, "一千零一十", "one thousand ten"),
        (2_200, "两千两百", "two thousand two hundred"),
        (10_000, "一万", "ten thousand"),
        (10_020, "一万零二十", "ten thousand twenty"),
        (20_000, "两万", "twenty thousand"),
        (100_500, "十万零五百", "one hundred thousand five hundred"),
        (110_000, "十一万", "one hundred ten thousand"),
        (203_000, "二十万三千", "two hundred three thousand"),
        (2_020_020, "两百零二万零二十", "two million twenty thousand twenty"),
        (
            99_999_999,
            "九千九百九十九万九千九百九十九",
            "ninety nine million nine hundred ninety nine thousand nine hundred ninety nine",
        ),
    ],
)
def test_number_is_read_as_it_is_counted(
    catalogue: Catalogue, value: int, chinese: str, english: str
) -> None:
    assert catalogue.text(fragments.number(value, "zh-CN"), "zh-CN") == chinese
    assert catalogue.text(fragments.number(value, "en-US"), "en-US") == english


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (1, "第一位", "first"),
        (2, "第二位", "second"),
        (3, "第三位", "third"),
        (12, "第十二位", "twelfth"),
        (20, "第二十位", "twentieth"),
        (21, "第二十一位", "twenty first"),
        (100, "第一百位", "one hundredth"),
        (112, "第一百一十二位", "one hundred twelfth"),
        (200, "第二百位", "two hundredth"),
        (2_205, "第二千二百零五位", "two thousand two hundred fifth"),
        (20_000, "第二万位", "twenty thousandth"),
    ],
)
def test_ordinal_has_its_measure_word_and_never_liang(
    catalogue: Catalogue, value: int, chinese: str, english: str
) -> None:
    assert catalogue.text(fragments.ordinal(value, "zh-CN"), "zh-CN") == chinese
    assert catalogue.text(fragments.ordinal(value, "en-US"), "en-US") == english


def test_position_is_a_whole_sentence(catalogue: Catalogue) -> None:
    assert catalogue.text(fragments.position(3, "zh-CN"), "zh-CN") == "您目前排在第三位"
    assert catalogue.text(fragments.position(3, "en-US"), "en-US") == "You are third in line"


@pytest.mark.parametrize(
    ("count", "chinese", "english"),
    [
        (1, "一分钟", "one minute"),
        (2, "两分钟", "two minutes"),
        (12, "十二分钟", "twelve minutes"),
        (22, "二十二分钟", "twenty two minutes"),
        (0, "零分钟", "zero minutes"),
    ],
)
def test_two_minutes_is_liang_and_english_counts_its_plural(
    catalogue: Catalogue, count: int, chinese: str, english: str
) -> None:
    assert catalogue.text(fragments.minutes(count, "zh-CN"), "zh-CN") == chinese
    assert catalogue.text(fragments.minutes(count, "en-US"), "en-US") == english


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (0, "零秒", "zero seconds"),
        (2, "两秒", "two seconds"),
        (61, "一分钟一秒", "one minute one second"),
        (7_200, "两小时", "two hours"),
        (3_725, "一小时两分钟五秒", "one hour two minutes five seconds"),
    ],
)
def test_duration_skips_parts_that_are_zero(
    catalogue: Catalogue, seconds: int, chinese: str, english: str
) -> None:
    assert catalogue.text(fragments.duration(seconds, "zh-CN"), "zh-CN") == chinese
    assert catalogue.text(fragments.duration(seconds, "en-US"), "en-US") == english


def test_expected_wait_is_a_whole_sentence(catalogue: Catalogue) -> None:
    chinese = catalogue.text(fragments.expected_wait(2, "zh-CN"), "zh-CN")
    english = catalogue.text(fragments.expected_wait(1, "en-US"), "en-US")
    assert chinese == "预计等候时间大约两分钟"
    assert english == "The expected wait is about one minute"


def test_telephone_digits_say_yao_for_one(catalogue: Catalogue) -> None:
    assert catalogue.text(fragments.digits("10086", "zh-CN"), "zh-CN") == "幺零零八六"
    english = catalogue.text(fragments.digits("10086", "en-US"), "en-US")
    assert english == "one zero zero eight six"


def test_telephone_number_with_country_code_says_plus(catalogue: Catalogue) -> None:
    assert catalogue.text(fragments.phone("+8610", "zh-CN"), "zh-CN") == "加八六幺零"
    assert catalogue.text(fragments.phone("+8610", "en-US"), "en-US") == "plus eight six one zero"
    assert fragments.phone("10086", "zh-CN") == fragments.digits("10086", "zh-CN")


@pytest.mark.parametrize(
    ("hour", "minute", "chinese", "english"),
    [
        (0, 0, "凌晨零点整", "midnight"),
        (0, 5, "凌晨零点零五分", "twelve oh five a.m."),
        (2, 0, "凌晨两点整", "two a.m."),
        (9, 30, "上午九点半", "nine thirty a.m."),
        (11, 45, "上午十一点四十五分", "eleven forty five a.m."),
        (12, 0, "中午十二点整", "noon"),
        (12, 2, "中午十二点零二分", "twelve oh two p.m."),
        (14, 15, "下午两点一刻", "two fifteen p.m."),
        (18, 10, "晚上六点十分", "six ten p.m."),
        (22, 12, "晚上十点十二分", "ten twelve p.m."),
        (23, 59, "晚上十一点五十九分", "eleven fifty nine p.m."),
    ],
)
def test_time_of_day(
    catalogue: Catalogue, hour: int, minute: int, chinese: str, english: str
) -> None:
    assert catalogue.text(fragments.time(hour, minute, "zh-CN"), "zh-CN") == chinese
    assert catalogue.text(fragments.time(hour, minute, "en-US"), "en-US") == english


@pytest.mark.parametrize(("hour", "minute"), [(24, 0), (-1, 0), (12, 60), (12, -1)])
def test_time_that_no_clock_shows_is_refused(hour: int, minute: int) -> None:
    with pytest.raises(ValueError, match="can not be spoken here"):
        fragments.time(hour, minute, "zh-CN")


@pytest.mark.parametrize("text", ["", "+", "++86", "86 10", "+86*"])
def test_telephone_number_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="digit by digit"):
        fragments.phone(text, "en-US")


def test_decimal_reads_the_digits_after_the_point(catalogue: Catalogue) -> None:
    assert catalogue.text(fragments.decimal("12.05", "zh-CN"), "zh-CN") == "十二点零五"
    assert catalogue.text(fragments.decimal("12.05", "en-US"), "en-US") == "twelve point zero five"
    assert fragments.decimal("12", "zh-CN") == fragments.number(12, "zh-CN")


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (0, "零元", "zero yuan"),
        (200, "两元", "two yuan"),
        (1_250, "十二元五角", "twelve yuan fifty fen"),
        (1_252, "十二元五角两分", "twelve yuan fifty two fen"),
        (1_205, "十二元零五分", "twelve yuan five fen"),
        (5, "五分", "five fen"),
    ],
)
def test_amount_of_money(catalogue: Catalogue, fen: int, chinese: str, english: str) -> None:
    assert catalogue.text(fragments.amount(fen, "zh-CN"), "zh-CN") == chinese
    assert catalogue.text(fragments.amount(fen, "en-US"), "en-US") == english


def test_date_reads_the_year_digit_by_digit_in_chinese_and_in_pairs_in_english(
    catalogue: Catalogue,
) -> None:
    chinese = catalogue.text(fragments.date(2026, 11, 2, "zh-CN"), "zh-CN")
    assert chinese == "二零二六年十一月二日"
    english = catalogue.text(fragments.date(2026, 11, 21, "en-US"), "en-US")
    assert english == "November twenty first twenty twenty six"
    early = catalogue.text(fragments.date(2005, 1, 2, "en-US"), "en-US")
    assert early == "January second two thousand five"


@pytest.mark.parametrize("value", [-1, fragments.NUMBER_MAX + 1])
def test_number_out_of_range_is_refused_with_the_range(value: int) -> None:
    with pytest.raises(ValueError, match=f"from 0 to {fragments.NUMBER_MAX}"):
        fragments.number(value, "zh-CN")


@pytest.mark.parametrize("text", ["", "12a", "１２", "-1", "1" * 33])
def test_digits_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="digit by digit"):
        fragments.digits(text, "zh-CN")


@pytest.mark.parametrize("text", ["", ".5", "5.", "1.2.3", "1,5"])
def test_decimal_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no decimal number"):
        fragments.decimal(text, "en-US")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_grammar_names_exactly_the_fragments_it_can_ask_for(language: Language) -> None:
    asked: set[str] = set()
    values = [*range(130), *range(100, 3_100, 50), 2_000_000, 2_000, 9_999, 20_000]
    values += [place * digit for place in (100, 1000) for digit in range(1, 10)]
    for value in values:
        asked.update(fragments.number(value, language))
        asked.update(fragments.duration(value, language))
        asked.update(fragments.amount(value, language))
        if value:
            asked.update(fragments.position(value, language))
    for month in range(1, 13):
        asked.update(fragments.date(2026, month, 3, language))
    asked.update(fragments.digits("0123456789", language))
    asked.update(fragments.phone("+86", language))
    for hour in range(24):
        for minute in range(60):
            asked.update(fragments.time(hour, minute, language))
    asked.update(fragments.decimal("0.1", language))
    asked.update(fragments.expected_wait(5, language))
    asked.update(fragments.expected_wait(61, language))
    assert asked == set(fragments.all_keys(language))
