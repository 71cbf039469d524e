"""A fake Asterisk node on virtual time, held to the real one by tests/contract."""

from simulator.fake_asterisk.node import FakeAsterisk
from simulator.fake_asterisk.phone import (
    Answers,
    CallerScript,
    PhoneScript,
    Rejects,
    RingsOut,
)
from simulator.fake_asterisk.settings import Faults, Latencies, Latency, NodeSettings

__all__ = [
    "Answers",
    "CallerScript",
    "FakeAsterisk",
    "Faults",
    "Latencies",
    "Latency",
    "NodeSettings",
    "PhoneScript",
    "Rejects",
    "RingsOut",
]
