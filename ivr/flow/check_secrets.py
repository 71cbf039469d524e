"""Keeps secrets in the vault when a flow is read: where a secret may stand, and where it may not.

A secret variable is filled by a sensitive ``collect`` and by nothing else, and goes to a service
that takes it as a secret, and nowhere else. Every reader of a variable refuses one unless it says
otherwise (``slot_of``, conditions), so a new kind of node is safe before anybody has thought of it.
"""

from ivr.flow.problems import Code, Place, Problems, quoted
from ivr.flow.secret_words import LEAVES, REMEDY
from ivr.flow.shape import Fields
from ivr.flow.values import Kind, Slot


def refuse_secret(problems: Problems, place: Place, slot: Slot) -> bool:
    """Whether this variable must not stand here because it holds a secret; reported if so."""
    if slot.variable.kind is not Kind.SECRET:
        return False
    problems.error(
        Code.SECRET_LEAVES_VAULT,
        place,
        f"The secret {quoted(slot.variable.name)} {LEAVES}.",
        REMEDY,
    )
    return True


def check_declaration(problems: Problems, fields: Fields, kind: Kind) -> bool:
    """Whether a declaration writes down no value of a secret; reported if it does."""
    written = [key for key in ("default", "values") if fields.value(key) is not None]
    if kind is not Kind.SECRET or not written:
        return True
    problems.error(
        Code.SECRET_WRITTEN_DOWN,
        fields.place_of(written[0]),
        f"A secret is keyed in by its caller, so it has no {written[0]} in a file.",
        f"Remove `{written[0]}`, or make it `type: text`.",
    )
    return False


def check_collected(problems: Problems, asked: Fields, slot: Slot, *, sensitive: bool) -> bool:
    """Whether a ``collect`` is sensitive exactly if its variable is a secret; reported if not."""
    is_secret, name = slot.variable.kind is Kind.SECRET, slot.variable.name
    if is_secret and not sensitive:
        problems.error(
            Code.SECRET_COLLECTED_OPENLY,
            asked.place_of("into"),
            f"Digits for the secret {quoted(name)} would be seen while they are keyed.",
            "Add `sensitive: true`.",
        )
    if sensitive and not is_secret:
        problems.error(
            Code.SENSITIVE_KEPT_OPENLY,
            asked.place_of("sensitive"),
            f"The variable {quoted(name)} would keep sensitive digits where others see them.",
            f"Declare it as `{name}: {{type: secret}}`.",
        )
    return is_secret is sensitive
