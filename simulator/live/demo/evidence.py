"""From a played call to its row in ``build/demo.json``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.prompts.model import Catalogue
from router.model import local_name
from simulator.live import hearing
from simulator.live.demo.judge import (
    SAMPLES_PER_MS,
    PromptProof,
    agent_heard_caller,
    agents_heard_each_other,
    caller_heard_agent,
    part_between,
    prove_prompt,
)
from simulator.live.demo.scenarios import Expected, Scenario
from simulator.live.demo.scripts import Played
from simulator.live.hearing import Samples

AFTER_PROMPT_MS = 2_000
"""How much longer than the prompt the part is in which it is looked for: a loaded machine may take
a second to hear a key. That nobody is left in silence meanwhile is judged by itself."""

BEFORE_KEY_MS = 500
"""The phone knows when the last packet of a key was out; the prompt may begin before that."""

SILENCE_WINDOW_SAMPLES = 50 * SAMPLES_PER_MS

SILENCE_MS_MAX = 4_500
"""The longest a caller may hear nothing: a menu of the sample listens for 3 s."""

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Prompts:
    """What could have been heard."""

    catalogue: Catalogue
    audio: Mapping[str, Samples]


@dataclass(frozen=True, slots=True)
class Judged:
    """One call's row for the report, and what it rests on for whoever doubts it."""

    row: Row
    proof: PromptProof
    silence_ms: int
    """The longest time in which the caller heard nothing."""
    connected_at: int | None
    """When caller and agent were joined, in engine time."""
    faults: tuple[str, ...]


def judge(
    scenario: Scenario, played: Played, record: Mapping[str, object] | None, prompts: Prompts
) -> Judged:
    """Hold a played call to what its scenario demands."""
    expected = scenario.expected
    recording = hearing.read_wav(played.call.recording)
    proof = prove_prompt(
        _part(recording, played, expected, prompts),
        prompts.audio,
        expected.prompt,
        first_ms=expected.first_ms,
    )
    to_caller, to_agent = _tones(recording, played)
    outcome = str(record["outcome"]) if record else None
    agent = record.get("agent") if record else None
    row: Row = {
        "scenario": scenario.name,
        "ok": False,
        "outcome": outcome,
        "agent": local_name(str(agent)) if agent else None,
        "heard_prompt": proof.expected if proof.proven else None,
        "audio_caller_to_agent": to_agent,
        "audio_agent_to_caller": to_caller,
        "answer_to_first_prompt_ms": round(played.call.answer_to_first_audio_ms(), 1),
        "contact": record.get("contact") if record else None,
        "wait_ms": record.get("wait_ms") if record else None,
    }
    transfers = _transfers(record or {})
    if transfers:
        row |= {"transfers": transfers, "audio_between_agents": _between_agents(played)}
    silence_ms = longest_silence_ms(recording)
    faults = (
        *_faults(expected, row, proof, silence_ms),
        *_faults_of_routing(expected, row, record or {}),
    )
    row["ok"] = not faults
    connected_at = record.get("connected_at") if record else None
    return Judged(
        row, proof, silence_ms, connected_at if isinstance(connected_at, int) else None, faults
    )


def misordered(scenarios: Sequence[Scenario], judged: Sequence[Judged]) -> list[Judged]:
    """The same verdicts, with a fault where a caller was served out of turn."""
    by_name = {one.row["scenario"]: one for one in judged}
    return [
        _in_turn(verdict, by_name.get(scenario.expected.connected_after))
        for scenario, verdict in zip(scenarios, judged, strict=True)
    ]


def _in_turn(verdict: Judged, earlier: Judged | None) -> Judged:
    if earlier is None or verdict.connected_at is None or earlier.connected_at is None:
        return verdict
    if earlier.connected_at < verdict.connected_at:
        return verdict
    fault = f"the caller was served before {earlier.row['scenario']}, who came first"
    return replace(verdict, row={**verdict.row, "ok": False}, faults=(*verdict.faults, fault))


def longest_silence_ms(recording: Samples) -> int:
    """The longest time without a sound, from the first packet of a call to its last."""
    longest = silent = 0
    for first in range(0, len(recording), SILENCE_WINDOW_SAMPLES):
        window = recording[first : first + SILENCE_WINDOW_SAMPLES]
        silent = 0 if hearing.level_dbfs(window) > hearing.LOUD_DBFS else silent + 1
        longest = max(longest, silent)
    return longest * SILENCE_WINDOW_SAMPLES // SAMPLES_PER_MS


def _faults(expected: Expected, row: Row, proof: PromptProof, silence_ms: int) -> list[str]:
    faults: list[str] = []
    if silence_ms > SILENCE_MS_MAX:
        faults.append(f"the caller heard nothing for {silence_ms} ms")
    if row["outcome"] != expected.outcome.value:
        faults.append(f"the outcome is {row['outcome']}, not {expected.outcome.value}")
    if not proof.proven:
        faults.append(
            f"{proof.expected} was not heard (likeness {proof.score}; "
            f"nearest other: {proof.runner_up}, {proof.runner_up_score})"
        )
    if row.get("audio_between_agents") is False:
        faults.append("the agent who asked and the expert did not hear each other")
    if expected.talks and row["audio_agent_to_caller"] is not True:
        faults.append("the caller did not hear the expert")
    if expected.talks and row["audio_caller_to_agent"] is not True:
        faults.append("the expert did not hear the caller")
    return faults


def _faults_of_routing(expected: Expected, row: Row, record: Mapping[str, object]) -> list[str]:
    faults: list[str] = []
    agent, waited, offers = row["agent"], row["wait_ms"], record.get("offers_made")
    if expected.agents is None and agent is not None:
        faults.append(f"the record names the agent {agent}, and nobody should have served")
    if expected.agents is not None and agent not in expected.agents:
        faults.append(f"agent {agent} served, not one of {', '.join(sorted(expected.agents))}")
    if expected.waits_ms_min and not (isinstance(waited, int) and waited >= expected.waits_ms_min):
        faults.append(f"the caller waited {waited} ms, not {expected.waits_ms_min} at least")
    if row.get("transfers", []) != list(expected.transfers):
        faults.append(f"the record tells of the transfers {row.get('transfers')}")
    if expected.offers is not None and offers != expected.offers:
        faults.append(f"{offers} experts' phones were rung, not {expected.offers}")
    return faults


def _tones(recording: Samples, played: Played) -> tuple[bool | None, bool | None]:
    if played.agent_call is None:
        return None, None
    at_agent = hearing.read_wav(played.agent_call.recording)
    return caller_heard_agent(recording), agent_heard_caller(at_agent)


def _between_agents(played: Played) -> bool | None:
    if played.asking_call is None or played.agent_call is None:
        return None
    calls = (played.asking_call, played.agent_call)
    asking, expert = (hearing.read_wav(call.recording) for call in calls)
    return agents_heard_each_other(asking, expert)


def _transfers(record: Mapping[str, object]) -> list[str]:
    listed = record.get("transfers")
    if not isinstance(listed, list):
        return []
    told: list[dict[str, object]] = listed  # pyright: ignore[reportUnknownVariableType]
    return [f"{each['kind']} {each['result']}" for each in told]


def _part(recording: Samples, played: Played, expected: Expected, prompts: Prompts) -> Samples:
    """Where in the recording the expected prompt must be, by the phones' own clock."""
    length_ms = len(recording) / SAMPLES_PER_MS
    prompt_ms = _duration_ms(prompts, expected.prompt)
    if expected.prompt_tail:
        tail_ms = sum(_duration_ms(prompts, name) for name in expected.prompt_tail)
        begin_ms = length_ms - tail_ms - prompt_ms - AFTER_PROMPT_MS
        return part_between(recording, begin_ms, length_ms - tail_ms + AFTER_PROMPT_MS)
    if played.pressed_at_ns is None:
        return recording
    first_packet_ns = next(at_ns for at_ns, _ in played.call.timeline)
    key_ms = (played.pressed_at_ns - first_packet_ns) / 1e6
    end_ms = key_ms + prompt_ms + AFTER_PROMPT_MS
    return part_between(recording, key_ms - BEFORE_KEY_MS, end_ms)


def _duration_ms(prompts: Prompts, name: str) -> float:
    return len(prompts.audio[name]) / SAMPLES_PER_MS
