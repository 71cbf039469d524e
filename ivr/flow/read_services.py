"""Reads ``services`` of site.yaml: which other systems flows may ask, where and on what terms."""

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from ivr.flow.durations import duration_text
from ivr.flow.keys import Duration, Form, Inner, Key, Name, Named, OneOf, Shape, Whole
from ivr.flow.problems import Code, Problems, did_you_mean, listing, quoted
from ivr.flow.services import Method, Service
from ivr.flow.shape import Fields, Reader
from ivr.flow.values import Kind
from ivr.flow.yaml_tree import Entry, Table, Tree

TIMEOUT_MS_MIN, TIMEOUT_MS_MAX, TIMEOUT_MS_DEFAULT = 100, 10_000, 1_000
RETRIES_MAX = 3
CACHE_MS_MAX = 24 * 3_600_000
FIELDS_MAX = 32
"""Names that one service takes, and as many that it gives."""

URL_CHARS_MAX = 200
"""The longest address of a service."""

URL_FORM = r"https?://[^\s/@?#]+(?:/[^\s@?#]*)?"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
"""Of a host's name: RFC 1123, section 2.1, and RFC 1035, section 2.3.4."""

_URL = re.compile(
    rf"https?://(?:(?P<name>(?:{_LABEL}\.)*{_LABEL})|\[(?P<v6>[0-9A-Fa-f:.]+)\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?:/[!$-;=A-Z_a-z~]*)?"
)
_PORT_MAX = 65_535
"""The highest port there is."""

_ANSWERED = (Kind.TEXT, Kind.INT, Kind.BOOL)
_SENT = tuple(Kind)

KnownServices = Mapping[str, Service | None]
"""Name -> the service, None when it is there but could not be read."""

SERVICE = Shape(
    "a service",
    (
        Key("url", "where it answers", required=True, value=Form(URL_FORM, "an http(s) address")),
        Key(
            "method",
            "post: a JSON object in the body; get: query parameters",
            value=OneOf(tuple(each.value for each in Method)),
            default=Method.POST.value,
        ),
        Key(
            "timeout",
            "how long one attempt may take",
            value=Duration(TIMEOUT_MS_MIN, TIMEOUT_MS_MAX),
            default=duration_text(TIMEOUT_MS_DEFAULT),
        ),
        Key(
            "retries",
            "further attempts where the first failed and may be made again",
            value=Whole(0, RETRIES_MAX),
            default=0,
        ),
        Key(
            "cache",
            "how long an answer is kept for the same question; secrets are never kept",
            value=Duration(0, CACHE_MS_MAX),
            default="0s",
        ),
        Key(
            "sends",
            "the names it takes, with their types",
            value=Named(OneOf(tuple(each.value for each in _SENT))),
        ),
        Key(
            "answers",
            "the names of its answer, with their types",
            value=Named(OneOf(tuple(each.value for each in _ANSWERED))),
        ),
    ),
)
SERVICES = Key(
    "services",
    "the other systems that flows may ask, by name",
    value=Named(Inner(SERVICE), key=Name()),
)


class ServicesReader:
    """Reads the services of a site."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._read = Reader(problems)

    def read(self, fields: Fields) -> KnownServices | None:
        """The services by name; None where there is no telling which there are."""
        written = fields.value(SERVICES.name)
        if written is None:
            return {}
        table = self._read.table(written, SERVICES.name, keys=("customer",))
        if table is None:
            return None
        known: dict[str, Service | None] = {}
        for entry in table.entries:
            name = self._read.name(entry.key, "the name of a service")
            if name is not None:
                known[name] = self._service(name, entry.value)
        return known

    def _service(self, name: str, tree: Tree) -> Service | None:
        fields = self._read.fields(tree, SERVICE)
        if fields is None:
            return None
        url = self._url(fields)
        method = self._method(fields)
        timeout_ms = self._duration(fields, "timeout", TIMEOUT_MS_DEFAULT, TIMEOUT_MS_MIN)
        cache_ms = self._duration(fields, "cache", 0, 0)
        written = fields.value("retries")
        retries: int | None = 0
        if written is not None:
            retries = self._read.whole(written, "the number of retries", low=0, high=RETRIES_MAX)
        sends = self._types(fields, "sends", _SENT)
        answers = self._types(fields, "answers", _ANSWERED)
        if method is Method.GET and sends is not None:
            self._refuse_secrets(fields, sends)
        if url is None or method is None or timeout_ms is None or retries is None:
            return None
        if cache_ms is None or sends is None or answers is None:
            return None
        return Service(name, url, method, timeout_ms, retries, cache_ms, sends, answers)

    def _url(self, fields: Fields) -> str | None:
        written = fields.value("url")
        url = None if written is None else self._read.text(written, "the url")
        if written is None or url is None:
            return None
        wrong = wrong_with(url)
        if wrong is None:
            return url
        self._problems.error(
            Code.BAD_SERVICE_URL,
            written.place,
            # What stands there may be a password: it is not repeated.
            f"The url of a service {wrong}.",
            "Write a plain address such as https://crm.example/customer, without a password or a "
            "query; what is asked stands under `sends`.",
        )
        return None

    def _method(self, fields: Fields) -> Method | None:
        written = fields.value("method")
        if written is None:
            return Method.POST
        word = self._read.name(written, "the method")
        words = [each.value for each in Method]
        if word is None or word in words:
            return None if word is None else Method(word)
        self._problems.error(
            Code.UNKNOWN_WORD,
            written.place,
            f"There is no method {quoted(word)}.",
            did_you_mean(word, words, otherwise=f"Write one of: {listing(words)}."),
        )
        return None

    def _duration(self, fields: Fields, key: str, default_ms: int, low_ms: int) -> int | None:
        written = fields.value(key)
        if written is None:
            return default_ms
        high_ms = CACHE_MS_MAX if key == "cache" else TIMEOUT_MS_MAX
        what = f"the value of {key}"
        return self._read.duration(written, what, low_ms=low_ms, high_ms=high_ms)

    def _types(self, fields: Fields, key: str, kinds: tuple[Kind, ...]) -> dict[str, Kind] | None:
        written = fields.value(key)
        if written is None:
            return {}
        table = self._read.table(written, key, keys=("number",))
        if table is None or not self._are_few(table, key):
            return None
        types: dict[str, Kind] = {}
        for entry in table.entries:
            name = self._read.name(entry.key, f"a name of `{key}`")
            kind = self._kind(entry, kinds)
            if name is not None and kind is not None:
                types[name] = kind
        return types if len(types) == len(table.entries) else None

    def _are_few(self, table: Table, key: str) -> bool:
        if len(table.entries) <= FIELDS_MAX:
            return True
        self._problems.error(
            Code.OUT_OF_RANGE,
            table.place,
            f"There are {len(table.entries)} names in `{key}`; a service has {FIELDS_MAX} at most.",
            "Keep those that flows have a use for.",
        )
        return False

    def _kind(self, entry: Entry, kinds: tuple[Kind, ...]) -> Kind | None:
        word = self._read.name(entry.value, f"the type of {quoted(entry.key.text)}")
        words = [each.value for each in kinds]
        if word is None or word in words:
            return None if word is None else Kind(word)
        self._problems.error(
            Code.UNKNOWN_TYPE,
            entry.value.place,
            f"There is no type {quoted(word)} here.",
            did_you_mean(word, words, otherwise=f"The types are: {listing(words)}."),
        )
        return None

    def _refuse_secrets(self, fields: Fields, sends: Mapping[str, Kind]) -> None:
        secret = [name for name, kind in sends.items() if kind is Kind.SECRET]
        if secret:
            self._problems.error(
                Code.PERSONAL_IN_ADDRESS,
                fields.place_of("sends"),
                f"With `method: get` the secret {quoted(secret[0])} would stand in an address, "
                "which many others write down.",
                "Let the service be asked by `method: post`.",
            )


def wrong_with(url: str) -> str | None:
    """Why this can be no service's address, to follow "The url"; None where it can."""
    authority = url.partition("//")[2].partition("/")[0]
    if not url.startswith(("http://", "https://")):
        return "begins with neither http:// nor https://"
    if "@" in authority:
        return "names a user or a password"
    if "?" in url or "#" in url:
        return "has a query or a fragment"
    match = _URL.fullmatch(url)
    if match is None or len(url) > URL_CHARS_MAX:
        return "is no address"
    if not _is_host(match["name"], match["v6"]):
        return "names a host by numbers that are no address"
    port = match["port"]
    return "has a port that there is not" if port and not 0 < int(port) <= _PORT_MAX else None


def _is_host(name: str | None, v6: str | None) -> bool:
    """Whether what looks like an address of IP is one; a name is not looked up."""
    try:
        if v6 is not None:
            IPv6Address(v6)
        elif name is not None and name.rpartition(".")[2].isdecimal():
            IPv4Address(name)
    except AddressValueError:
        return False
    return True
