"""Reads what agents dial on their devices: feature codes, and the digits of pause reasons."""

import re
from collections.abc import Mapping
from dataclasses import asdict

from ivr.flow.keys import Form, Key, Name, Named, Shape
from ivr.flow.problems import Code, Problems, listing, quoted
from ivr.flow.shape import Fields, Reader
from ivr.flow.site import FeatureCodes
from ivr.flow.yaml_tree import Scalar, Tree

_USUAL = FeatureCodes()
_CODE = re.compile(r"\*[0-9]{1,6}")
_CODE_FORM = Form(_CODE.pattern, "a star and 1 to 6 digits")

FEATURE_CODES = Shape(
    "feature_codes",
    (
        Key(
            "sign_in",
            "what signs an agent in at the device it is dialled on; *11 if left out",
            value=_CODE_FORM,
            default=_USUAL.sign_in,
        ),
        Key(
            "sign_out",
            "what signs the agent of the device out; *12 if left out",
            value=_CODE_FORM,
            default=_USUAL.sign_out,
        ),
        Key(
            "pause",
            "what begins a pause, before the reason's digit; *13 if left out",
            value=_CODE_FORM,
            default=_USUAL.pause,
        ),
        Key(
            "resume",
            "what ends the pause; *14 if left out",
            value=_CODE_FORM,
            default=_USUAL.resume,
        ),
        Key(
            "wrap_up_end",
            "what ends the wrap-up before its time; *15 if left out",
            value=_CODE_FORM,
            default=_USUAL.wrap_up_end,
        ),
        Key(
            "wrap_up_extend",
            "what makes the wrap-up longer, as far as its queue lets it; *16 if left out",
            value=_CODE_FORM,
            default=_USUAL.wrap_up_extend,
        ),
        Key(
            "pause_after",
            "what begins a pause after this contact, before the reason's digit; *17 if left out",
            value=_CODE_FORM,
            default=_USUAL.pause_after,
        ),
    ),
)

_REASON_KEYS = "0123456789"
REASONS = Named(Name(), key=Form(f"[{_REASON_KEYS}]", "a digit"))
_CODE_REMEDY = 'Write a star and 1 to 6 digits in quotes, such as "*11".'


class FeatureCodeReader:
    """Reads ``feature_codes`` and ``pause_reasons`` of site.yaml."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._read = Reader(problems)
        self.in_use: Mapping[str, str] = asdict(FeatureCodes())
        """What can be dialled, as far as it is known: a code that was written wrongly is not."""

    def codes(self, tree: Tree | None) -> FeatureCodes:
        """The codes, each its default where the author wrote none that can be used."""
        usual: dict[str, str] = asdict(FeatureCodes())
        fields = None if tree is None else self._read.fields(tree, FEATURE_CODES)
        if fields is None:
            return FeatureCodes()
        written = {
            name: self._code(value)
            for name in FEATURE_CODES.names()
            if (value := fields.value(name)) is not None
        }
        chosen = {name: code for name, code in written.items() if code is not None}
        # What was written wrongly is unknown, not its default: it is in nobody's way.
        kept = {name: usual[name] for name in usual if name not in (*written, *fields.meant)}
        self.in_use = {**chosen, **kept}
        self._check_apart(fields, chosen, self.in_use)
        return FeatureCodes(**(usual | chosen))

    def _code(self, tree: Tree) -> str | None:
        scalar = self._read.scalar(tree, "this feature code")
        if scalar is None or _CODE.fullmatch(scalar.text) is not None:
            return None if scalar is None else scalar.text
        self._problems.error(
            Code.BAD_FEATURE_CODE,
            scalar.place,
            f"{quoted(scalar.text)} is no feature code.",
            _CODE_REMEDY,
        )
        return None

    def _check_apart(
        self, fields: Fields, chosen: Mapping[str, str], every: Mapping[str, str]
    ) -> None:
        """Whoever dials the longer of two codes has dialled the shorter one on the way."""
        told: set[str] = set()
        for name, code in chosen.items():
            others = [
                other
                for other, its in every.items()
                if other not in (name, *told) and (code.startswith(its) or its.startswith(code))
            ]
            told.add(name)
            if others:
                self._problems.error(
                    Code.FEATURE_CODES_CLASH,
                    fields.place_of(name),
                    f"The code {quoted(code)} for {name} can not be told from "
                    f"{listing(f'{quoted(every[other])} for {other}' for other in others)}.",
                    "Choose codes of which none is the beginning of another.",
                )

    def reasons(self, tree: Tree | None) -> Mapping[str, str]:
        """Digit -> reason."""
        table = None if tree is None else self._read.table(tree, "pause_reasons", keys=("1",))
        reasons: dict[str, str] = {}
        for entry in () if table is None else table.entries:
            name = self._read.name(entry.value, "a reason")
            if not self._is_digit(entry.key) or name is None:
                continue
            if name in reasons.values():
                self._problems.error(
                    Code.LISTED_TWICE,
                    entry.value.place,
                    f"The reason {quoted(name)} is listed twice.",
                    "Remove one of the two.",
                )
            reasons[entry.key.text] = name
        return reasons

    def _is_digit(self, key: Scalar) -> bool:
        if len(key.text) == 1 and key.text in _REASON_KEYS:
            return True
        self._problems.error(
            Code.REASON_KEY_NOT_A_DIGIT,
            key.place,
            f"{quoted(key.text)} can not be dialled for a reason.",
            "Put one digit from 0 to 9 before each reason.",
        )
        return False
