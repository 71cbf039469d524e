"""Which contact of the engine is which call of the phones, by Asterisk's own word.

The engine's trace holds no number. Asterisk's console names the channel of each caller's number;
the trace names the leg of each channel.
"""

from collections.abc import Iterable, Mapping

from simulator.live.asterisk_process import AsteriskProcess

_MARK = "!"
_NUMBER_FIELD = 7
"""`core show channels concise`: the caller's number; the last field is the channel's id."""


async def channels_by_number(asterisk: AsteriskProcess) -> dict[str, str]:
    """The channel's id of each number that calls now."""
    found: dict[str, str] = {}
    for line in (await asterisk.console("core show channels concise")).splitlines():
        fields = line.split(_MARK)
        if len(fields) > _NUMBER_FIELD:
            found[fields[_NUMBER_FIELD]] = fields[-1].strip()
    return found


def contact_on(channel: str, trace: Iterable[Mapping[str, object]]) -> str | None:
    """The contact whose caller is on this channel."""
    for line in trace:
        details = line.get("details")
        if line.get("note") == "leg_registered" and isinstance(details, dict):
            named: dict[str, str] = details  # pyright: ignore[reportUnknownVariableType]
            if named.get("channel") == channel:
                return named["leg"].rpartition(".")[0]
    return None


def playbacks_in(trace: Iterable[Mapping[str, object]]) -> list[str]:
    """Every playback id the engine ever used."""
    found: list[str] = []
    for line in trace:
        effects = line.get("effects")
        if not isinstance(effects, list):
            continue
        listed: list[dict[str, object]] = effects  # pyright: ignore[reportUnknownVariableType]
        found += [str(one["playback"]) for one in listed if one["type"] == "PlayPrompts"]
    return found
