"""Checks across a site's files: what reads well by itself, and yet does not go together."""

from collections.abc import Iterable, Mapping

from ivr.flow.model import EnterQueue, Hotline
from ivr.flow.problems import Code, Place, Problems, listing, quoted
from ivr.flow.read_hotline import HotlineDraft
from ivr.flow.site import QueueEntry
from ivr.prompts.model import LANGUAGES


def check_numbers_apart(
    drafts: Iterable[HotlineDraft], codes: Mapping[str, str], problems: Problems
) -> None:
    """No number of a hotline begins like a feature code: dialled on a device it would be one.

    What follows a code is read too, the digit of a reason or the name of an agent, so it is the
    beginning that counts. ``codes`` goes from what a code does to the code.
    """
    for draft in drafts:
        for number, place in draft.numbers:
            meant = [name for name, code in codes.items() if number.startswith(code)]
            if meant:
                problems.error(
                    Code.NUMBER_IS_A_CODE,
                    place,
                    f"Who dials {quoted(number)} on a device dials the feature code "
                    f"{quoted(codes[meant[0]])} for {meant[0]}.",
                    "Choose another number, or another code under `feature_codes:` of site.yaml.",
                )


def check_sayable(
    queue: QueueEntry, place: Place, hotlines: Iterable[Hotline], problems: Problems
) -> None:
    """What is announced can be said in every language of every hotline whose callers wait here.

    It is put together from pieces, by a grammar that only some languages have.
    """
    announce = queue.hold.announce
    if announce is None or not (announce.position or announce.expected_wait):
        return
    for hotline in hotlines:
        unsayable = [language for language in hotline.languages if language not in LANGUAGES]
        if unsayable and _is_entered(queue.name, hotline):
            problems.error(
                Code.ANNOUNCEMENT_UNSAYABLE,
                place,
                f"Callers of {hotline.name} wait here, and their place can not be said in "
                f"{listing(unsayable)}.",
                f"Leave `announce` out, or the language; it can be said in {listing(LANGUAGES)}.",
            )


def _is_entered(queue: str, hotline: Hotline) -> bool:
    nodes = hotline.flow.nodes.values()
    return any(isinstance(node, EnterQueue) and node.queue == queue for node in nodes)
