"""One call, told line by line for a person: what the phones did and what the engine decided."""

from collections.abc import Iterable, Mapping

_IN = {
    "CallArrived": "the call arrives",
    "LegAnswered": "{party} is on the line",
    "DigitReceived": "{party} presses {digit}",
    "KeyHidden": "the caller presses a key that nobody may see",
    "SecretKeyed": "the caller presses a key of a secret ({came})",
    "PlaybackFinished": "the prompt ends ({outcome})",
    "LegsBridged": "{together} are joined",
    "LegEnded": "{party} is gone",
    "CommandFailed": "Asterisk could not do {effect}: {failure}",
}
_OUT = {
    "AnswerLeg": "answer",
    "PlayPrompts": "play {prompts} ({language}) to {party}",
    "StartHoldMusic": "music for {party}",
    "StopHoldMusic": "music off for {party}",
    "DialDevice": "ring {device}",
    "BridgeLegs": "join {together}",
    "DestroyBridge": "part who were joined",
    "ReleaseLeg": "release {party}",
    "QueueContact": "wait in {queue}",
    "OfferMade": "offer to agent {agent}",
    "OfferRescinded": "take the offer back ({reason})",
    "PositionAnnounced": "place {position} in the queue is said",
    "FailOffer": "the offer came to nothing ({failure})",
    "ContactOverflowed": "leave the queue ({cause})",
    "EndEngagement": "the agent's wrap-up begins",
    "PromiseCallback": "work order for {topic}",
    "WriteRecord": "record kept",
}


def told(contact: str, trace: Iterable[Mapping[str, object]]) -> list[str]:
    """The lines of one contact: seconds since it arrived, what happened, what was done."""
    lines: list[str] = []
    began: int | None = None
    cast = _Cast()
    for turn in trace:
        event, effects = turn.get("event"), turn.get("effects")
        if not isinstance(event, dict) or not isinstance(effects, list):
            continue
        happened: dict[str, object] = event  # pyright: ignore[reportUnknownVariableType]
        listed: list[dict[str, object]] = effects  # pyright: ignore[reportUnknownVariableType]
        done = [effect for effect in listed if _concerns(contact, effect)]
        if not done and not _concerns(contact, happened):
            continue
        at = turn["at"]
        if not isinstance(at, int):
            continue
        began = at if began is None else began
        for effect in done:
            cast.learn(effect)
        words = cast.words(_IN, happened) if _concerns(contact, happened) else "time passes"
        answers = [said for said in (cast.words(_OUT, effect) for effect in done) if said]
        if words or answers:
            arrow = f" -> {', '.join(answers)}" if answers else ""
            lines.append(f"  {(at - began) / 1000:7.2f} s  {words or '...'}{arrow}")
    return lines


def _concerns(contact: str, message: Mapping[str, object]) -> bool:
    names = (str(message.get(key, "")) for key in ("contact", "leg", "playback", "bridge", "offer"))
    record = message.get("record")
    if isinstance(record, dict):
        kept: dict[str, object] = record  # pyright: ignore[reportUnknownVariableType]
        return kept.get("contact") == contact
    return any(name == contact or name.startswith(f"{contact}.") for name in names)


class _Cast:
    """Who is who in one call: each leg by its device, each bridge by its legs."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._bridges: dict[str, str] = {}

    def learn(self, effect: Mapping[str, object]) -> None:
        """Take what an effect tells of who a leg or a bridge is."""
        legs = effect.get("legs")
        if effect["type"] == "DialDevice":
            self._names[str(effect["leg"])] = _plain(effect["device"])
        elif isinstance(legs, list):
            listed: list[object] = legs  # pyright: ignore[reportUnknownVariableType]
            self._bridges[str(effect["bridge"])] = " and ".join(map(self._name, listed))

    def words(self, phrases: Mapping[str, str], message: Mapping[str, object]) -> str:
        """What is told of a message; nothing of most."""
        phrase = phrases.get(str(message["type"]), "")
        plain = {key: _plain(value) for key, value in message.items()}
        party = self._name(message.get("leg", ""))
        together = self._bridges.get(str(message.get("bridge", "")), "the two")
        return phrase.format(**plain, party=party, together=together) if phrase else ""

    def _name(self, leg: object) -> str:
        text = str(leg)
        return "the caller" if text.endswith(".0") else self._names.get(text, "the expert")


def _plain(value: object) -> str:
    if isinstance(value, list):
        items: list[object] = value  # pyright: ignore[reportUnknownVariableType]
        return " + ".join(str(item) for item in items)
    return str(value).removeprefix("main:")
