"""Numbers, positions, times and amounts as lists of prompt keys, grammatical in both languages.

Pure: values in, keys out. A sentence is played as one list of media, so the pieces follow each
other without a gap; the pieces are therefore the feet of the spoken number (三百|六十|五), not
its single syllables, wherever a foot is said the same in every number.

Mandarin, the choices made here:

- 两 or 二. A lone two before a measure word is 两 (两分钟); as a number, in 十二 and after 第 it
  is 二. Before 百, 千 and 万 both are accepted; 两 is what people say, it is the clearer sound on
  a telephone (二 is a bare vowel), and it keeps 250 from being 二百五, an insult. After 第 it is
  二 all through (第二百位).
- A run of zeros between digits is one 零 (一千零五), trailing zeros are silent (一百).
- Ten is 十 at the head of a number and 一十 inside it (十二, 一百一十二, 一万零一十).
- Single digits in a row (a number to dial, an order's number) say 幺 for one, as telephony in
  Chinese does, because 一 and 七 are confused on the line. Years keep 一.
- A time names its part of the day and counts to twelve (下午两点半), as people say it; the full
  hour ends in 整, so that nobody waits for the minutes.

English is American: no "and" after the hundreds, 2026 is "twenty twenty-six", times have a.m. and
p.m. except noon and midnight, whose twelve nobody can tell apart.
"""

from typing import Final, Literal

from ivr.prompts.model import Language

Keys = tuple[str, ...]
Unit = Literal["hour", "minute", "second", "yuan", "jiao", "fen"]

NUMBER_MAX: Final = 99_999_999
"""The grammar below counts up to it; 亿 and a hundred million would need fragments of their own."""

DIGITS_LENGTH_MAX: Final = 32
"""Digits read one by one: the longest account number, with room to spare."""

# English says twenty and the rest, which holds for this century only.
YEAR_MIN: Final = 2000
YEAR_MAX: Final = 2099

EXPECTED_MINUTES_MAX: Final = 60
"""Beyond it the number of minutes is a guess that helps nobody."""

_WAN: Final = 10_000
_TEENS: Final = 20


def number(value: int, language: Language) -> Keys:
    """A whole number from 0 to `NUMBER_MAX` as it is counted: 一百零五, one hundred five."""
    _require(value, 0, NUMBER_MAX)
    return _zh_number(value, two_is_er=False) if language == "zh-CN" else _en_number(value)


def digits(text: str, language: Language) -> Keys:
    """Digits one by one, as a telephone number is read: 幺零零八六, one zero zero eight six."""
    del language  # the keys are the same; the words differ in the catalogue
    if not _is_digits(text):
        raise ValueError(
            f"{text!r} can not be read digit by digit; give 1 to {DIGITS_LENGTH_MAX} digits 0-9"
        )
    return tuple(f"digit/{digit}" for digit in text)


def phone(text: str, language: Language) -> Keys:
    """A telephone number: digits one by one, with 加 or plus before a country code."""
    head = ("phone/plus",) if text.startswith("+") else ()
    return (*head, *digits(text.removeprefix("+"), language))


def decimal(text: str, language: Language) -> Keys:
    """A number with a point, given as text so that its digits are exact: 三点一四."""
    whole, point, part = text.partition(".")
    if not (_is_digits(whole) and (_is_digits(part) or not point)):
        raise ValueError(f"{text!r} is no decimal number; write digits, a point and digits")
    head = number(int(whole), language)
    return (*head, "number/point", *(f"number/{digit}" for digit in part)) if point else head


def ordinal(value: int, language: Language) -> Keys:
    """A place in an order, from 1: 第十二位 (with its measure word), twenty-first."""
    _require(value, 1, NUMBER_MAX)
    if language == "zh-CN":
        return ("ordinal/prefix", *_zh_number(value, two_is_er=True), "ordinal/counter")
    *head, last = _en_number(value)
    return (*head, *_en_ordinal_tail(last))


def position(value: int, language: Language) -> Keys:
    """The caller's place in the queue as a sentence: 您目前排在第三位, you are third in line."""
    said = ordinal(value, language)
    tail = () if language == "zh-CN" else ("position/tail",)
    return ("position/lead", *said, *tail)


def counted(value: int, unit: Unit, language: Language) -> Keys:
    """So many of a unit: 两分钟, 十二分钟; one minute, two minutes."""
    if language == "zh-CN":
        said = ("number/2-measure",) if value == 2 else number(value, language)
        return (*said, f"unit/{unit}")
    # Currency units borrowed from Chinese have no plural in English.
    plural = "" if value == 1 or unit in ("yuan", "jiao", "fen") else "s"
    return (*number(value, language), f"unit/{unit}{plural}")


def minutes(value: int, language: Language) -> Keys:
    """So many minutes."""
    return counted(value, "minute", language)


def duration(seconds: int, language: Language) -> Keys:
    """A length of time in hours, minutes and seconds; parts that are zero are not said."""
    _require(seconds, 0, NUMBER_MAX)
    whole_minutes, rest_s = divmod(seconds, 60)
    hours, rest_min = divmod(whole_minutes, 60)
    parts: list[tuple[int, Unit]] = [(hours, "hour"), (rest_min, "minute"), (rest_s, "second")]
    said = [key for count, unit in parts if count for key in counted(count, unit, language)]
    return tuple(said) or counted(0, "second", language)


def expected_wait(whole_minutes: int, language: Language) -> Keys:
    """How long the caller will probably wait: 预计等候时间大约两分钟; of over an hour no number."""
    if whole_minutes > EXPECTED_MINUTES_MAX:
        return ("wait/over-an-hour",)
    return ("wait/lead", *minutes(whole_minutes, language))


def amount(fen: int, language: Language) -> Keys:
    """A sum of money given in fen: 十二元五角, 十二元零五分; twelve yuan fifty fen.

    English has no jiao of its own, so the cents stay together.
    """
    _require(fen, 0, NUMBER_MAX)
    yuan, rest = divmod(fen, 100)
    parts: list[tuple[int, Unit]] = [(yuan, "yuan"), (rest, "fen")]
    if language == "zh-CN":
        parts = [(yuan, "yuan"), (rest // 10, "jiao"), (rest % 10, "fen")]
    said = [counted(count, unit, language) for count, unit in parts if count]
    if language == "zh-CN" and yuan and 0 < rest < 10:
        said.insert(1, ("number/0",))
    return tuple(key for keys in said for key in keys) or counted(0, "yuan", language)


def date(year: int, month: int, day: int, language: Language) -> Keys:
    """A day: 二零二六年十一月二日; November second, twenty twenty-six."""
    _require(year, YEAR_MIN, YEAR_MAX)
    _require(month, 1, 12)
    _require(day, 1, 31)
    if language == "zh-CN":
        year_keys = (f"number/{digit}" for digit in str(year))
        month_keys, day_keys = number(month, language), number(day, language)
        return (*year_keys, "date/year", *month_keys, "date/month", *day_keys, "date/day")
    early = year < YEAR_MIN + 10
    spoken_year = _en_number(year) if early else (*_en_number(20), *_en_number(year % 100))
    return (f"month/{month}", *ordinal(day, language), *spoken_year)


def time(hour: int, minute: int, language: Language) -> Keys:
    """A time of day on the 24-hour clock: 下午两点一刻, two fifteen p.m."""
    _require(hour, 0, 23)
    _require(minute, 0, 59)
    return _zh_time(hour, minute) if language == "zh-CN" else _en_time(hour, minute)


def all_keys(language: Language) -> Keys:
    """Every fragment this grammar may ask for, sorted: the catalogue must have each of them."""
    keys = {f"number/{value}" for value in (*range(11), *range(20, 100, 10))}
    keys |= {f"number/{value}" for value in range(100, 1000, 100)}
    keys |= {f"digit/{digit}" for digit in range(10)}
    keys |= {"number/point", "position/lead", "wait/lead", "wait/over-an-hour"}
    keys |= {"phone/plus", "time/noon"}
    keys |= {f"unit/{unit}" for unit in ("hour", "minute", "second", "yuan", "fen")}
    if language == "zh-CN":
        keys |= {f"number/{value}" for value in range(1000, _WAN, 1000)}
        keys |= {"number/10-inner", "number/2-measure", "number/wan"}
        keys |= {"number/200-ordinal", "number/2000-ordinal", "unit/jiao"}
        keys |= {"ordinal/prefix", "ordinal/counter", "date/year", "date/month", "date/day"}
        keys |= {f"time/{part}" for _, part in _ZH_DAY}
        keys |= {f"time/{piece}" for piece in ("hour", "sharp", "quarter", "half", "minute")}
    else:
        keys |= {f"number/{value}" for value in range(11, _TEENS)}
        keys |= {f"ordinal/{value}" for value in (*range(1, _TEENS), *range(20, 100, 10))}
        keys |= {f"{kind}/{power}" for kind in ("number", "ordinal") for power in _EN_POWERS}
        keys |= {"ordinal/hundred", "position/tail", "unit/hours", "unit/minutes", "unit/seconds"}
        keys |= {f"month/{month}" for month in range(1, 13)}
        keys |= {"time/am", "time/pm", "time/midnight", "time/oh"}
    return tuple(sorted(keys))


# The part of the day, from this hour on.
_ZH_DAY: Final = (
    (18, "evening"),
    (13, "afternoon"),
    (12, "noon"),
    (6, "morning"),
    (0, "night"),
)
_ZH_MINUTES: Final = {0: "time/sharp", 15: "time/quarter", 30: "time/half"}
_EN_POWERS: Final = {"million": 1_000_000, "thousand": 1_000}


def _zh_number(value: int, *, two_is_er: bool) -> Keys:
    if value == 0:
        return ("number/0",)
    high, low = divmod(value, _WAN)
    keys: list[str] = []
    if high == 2 and not two_is_er:
        keys.append("number/2-measure")
    elif high:
        keys += _zh_group(high, after_wan=False, two_is_er=two_is_er)
    if high:
        keys.append("number/wan")
    if low:
        keys += _zh_group(low, after_wan=high > 0, two_is_er=two_is_er)
    return tuple(keys)


def _zh_group(value: int, *, after_wan: bool, two_is_er: bool) -> list[str]:
    """Four decimal places, 1 to 9999, with one 零 for each run of zeros that is followed."""
    keys: list[str] = []
    zero_due = False
    for place in (1000, 100, 10, 1):
        digit = value // place % 10
        inside = after_wan or bool(keys)
        if digit == 0:
            zero_due = inside
            continue
        if zero_due:
            keys.append("number/0")
        zero_due = False
        keys.append(_zh_place(digit, place, inside=inside, two_is_er=two_is_er))
    return keys


def _zh_place(digit: int, place: int, *, inside: bool, two_is_er: bool) -> str:
    if digit == 1 and place == 10 and inside:
        return "number/10-inner"
    er = two_is_er and digit == 2 and place >= 100
    return f"number/{digit * place}" + ("-ordinal" if er else "")


def _zh_time(hour: int, minute: int) -> Keys:
    part = next(part for begin, part in _ZH_DAY if hour >= begin)
    # The hour after midnight is 零点; all others count to twelve.
    counted_hour = hour if hour <= 12 else hour - 12
    hour_key = ("number/2-measure",) if counted_hour == 2 else number(counted_hour, "zh-CN")
    head = (f"time/{part}", *hour_key, "time/hour")
    if minute in _ZH_MINUTES:
        return (*head, _ZH_MINUTES[minute])
    zero = ("number/0",) if minute < 10 else ()
    return (*head, *zero, *number(minute, "zh-CN"), "time/minute")


def _en_time(hour: int, minute: int) -> Keys:
    if minute == 0 and hour % 12 == 0:
        return ("time/noon",) if hour else ("time/midnight",)
    oh = ("time/oh",) if 0 < minute < 10 else ()
    minutes_keys = _en_number(minute) if minute else ()
    half = "time/am" if hour < 12 else "time/pm"
    return (*_en_number(hour % 12 or 12), *oh, *minutes_keys, half)


def _en_number(value: int) -> Keys:
    if value == 0:
        return ("number/0",)
    keys: list[str] = []
    rest = value
    for name, power in _EN_POWERS.items():
        count, rest = divmod(rest, power)
        if count:
            keys += [*_en_hundreds(count), f"number/{name}"]
    return (*keys, *_en_hundreds(rest))


def _en_hundreds(value: int) -> list[str]:
    hundreds, rest = value // 100 * 100, value % 100
    parts = (hundreds, rest) if rest < _TEENS else (hundreds, rest // 10 * 10, rest % 10)
    return [f"number/{part}" for part in parts if part]


def _en_ordinal_tail(last: str) -> Keys:
    """The last cardinal fragment as an ordinal: seven -> seventh, two hundred -> two hundredth."""
    value = last.removeprefix("number/")
    if value.isdigit() and int(value) >= 100:
        return (f"number/{int(value) // 100}", "ordinal/hundred")
    return (f"ordinal/{value}",)


def _is_digits(text: str) -> bool:
    return 0 < len(text) <= DIGITS_LENGTH_MAX and text.isascii() and text.isdigit()


def _require(value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{value} can not be spoken here; give a number from {low} to {high}")
