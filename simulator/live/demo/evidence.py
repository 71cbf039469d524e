"""From a played call to its row in ``build/demo.json``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ivr.prompts.model import Catalogue
from router.model import local_name
from simulator.live import hearing
from simulator.live.demo.judge import (
    SAMPLES_PER_MS,
    PromptProof,
    agent_heard_caller,
    caller_heard_agent,
    part_between,
    prove_prompt,
)
from simulator.live.demo.scenarios import Expected, Played, Scenario
from simulator.live.hearing import Samples

AFTER_PROMPT_MS = 700
"""How much longer than the prompt the part is in which it is looked for."""

BEFORE_KEY_MS = 500
"""The phone knows when the last packet of a key was out; the prompt may begin before that."""

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
        "wait_ms": _wait_ms(record) if record else None,
    }
    faults = tuple(_faults(expected, row, proof))
    row["ok"] = not faults
    return Judged(row, proof, faults)


def read_lines(path: Path) -> list[dict[str, object]]:
    """The documents of a file of JSON lines; a line still being written is left out."""
    documents: list[dict[str, object]] = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            documents.append(cast("dict[str, object]", json.loads(line)))
    return documents


def _wait_ms(record: Mapping[str, object]) -> int | None:
    """From entering the queue to being joined, or to the end without that; ringing included."""
    queued, joined = record.get("queued_at"), record.get("connected_at")
    until = joined if joined is not None else record.get("ended_at")
    if not isinstance(queued, int) or not isinstance(until, int):
        return None
    return until - queued


def _faults(expected: Expected, row: Row, proof: PromptProof) -> list[str]:
    faults: list[str] = []
    if row["outcome"] != expected.outcome.value:
        faults.append(f"the outcome is {row['outcome']}, not {expected.outcome.value}")
    if not proof.proven:
        faults.append(
            f"{proof.expected} was not heard (likeness {proof.score}; "
            f"nearest other: {proof.runner_up}, {proof.runner_up_score})"
        )
    if expected.talks and row["audio_agent_to_caller"] is not True:
        faults.append("the caller did not hear the expert")
    if expected.talks and row["audio_caller_to_agent"] is not True:
        faults.append("the expert did not hear the caller")
    if expected.talks and row["agent"] is None:
        faults.append("the record names no agent")
    return faults


def _tones(recording: Samples, played: Played) -> tuple[bool | None, bool | None]:
    if played.agent_call is None:
        return None, None
    at_agent = hearing.read_wav(played.agent_call.recording)
    return caller_heard_agent(recording), agent_heard_caller(at_agent)


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
