"""A call told line by line: who is who, also where an agent asks another."""

import pytest

from simulator.live.demo.timeline import told

pytestmark = pytest.mark.unit

TRACE: list[dict[str, object]] = [
    {
        "at": 1_000,
        "event": {"type": "CallArrived", "contact": "c1", "leg": "c1.0"},
        "effects": [{"type": "AnswerLeg", "leg": "c1.0"}],
    },
    {
        "at": 1_500,
        "event": {"type": "DeadlineReached"},
        "effects": [
            {"type": "OfferMade", "contact": "c1", "agent": "main:1001", "offer": "o1"},
            {"type": "DialDevice", "leg": "c1.1", "device": "main:desk-1", "contact": "c1"},
            {"type": "DialDevice", "leg": "c2.1", "device": "main:desk-9", "contact": "c2"},
        ],
    },
    {
        "at": 2_000,
        "event": {"type": "LegAnswered", "leg": "c1.1"},
        "effects": [{"type": "BridgeLegs", "bridge": "c1.b1", "legs": ["c1.0", "c1.1"]}],
    },
    {
        "at": 2_010,
        "event": {"type": "LegsBridged", "bridge": "c1.b1", "leg": "c1.0"},
        "effects": [],
    },
    {
        "at": 3_000,
        "event": {"type": "DigitReceived", "leg": "c1.1", "digit": "#"},
        "effects": [
            {"type": "QueueContact", "contact": "c1.t1", "queue": "main:10086/data"},
            {"type": "StartHoldMusic", "leg": "c1.1"},
            {"type": "DialDevice", "leg": "c1.2", "device": "main:desk-2", "contact": "c1"},
        ],
    },
    {"at": 3_100, "event": {"type": "LegAnswered", "leg": "c2.1"}, "effects": []},
    {
        "at": 4_000,
        "event": {"type": "LegAnswered", "leg": "c1.2"},
        "effects": [{"type": "BridgeLegs", "bridge": "c1.b2", "legs": ["c1.1", "c1.2"]}],
    },
]


def test_parties_are_called_by_their_devices() -> None:
    assert told("c1", TRACE) == [
        "     0.00 s  the call arrives -> answer",
        "     0.50 s  time passes -> offer to agent 1001, ring desk-1",
        "     1.00 s  desk-1 is on the line -> join the caller and desk-1",
        "     1.01 s  the caller and desk-1 are joined",
        "     2.00 s  desk-1 presses # -> wait in 10086/data, music for desk-1, ring desk-2",
        "     3.00 s  desk-2 is on the line -> join desk-1 and desk-2",
    ]


def test_leg_that_nobody_rang_is_the_experts() -> None:
    ended: dict[str, object] = {
        "at": 5,
        "event": {"type": "LegEnded", "leg": "c1.7"},
        "effects": [],
    }
    assert told("c1", [ended]) == ["     0.00 s  the expert is gone"]
