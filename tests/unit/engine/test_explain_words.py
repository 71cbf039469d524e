"""Each kind of decision as the sentence that a floor manager reads."""

from dataclasses import replace

import pytest

from ivr.cli.explain_choices import NAMED_MAX, Names
from ivr.cli.explain_context import About
from ivr.cli.explain_words import Teller
from router.explain import (
    Announced,
    ChangeRefused,
    Chooser,
    Decision,
    Ended,
    Left,
    LetIn,
    Moved,
    Offered,
    Overflowed,
    PassedBy,
    Refused,
    Revalued,
    StandReason,
    Stood,
    Unchanged,
    Waited,
)
from router.grounds import Candidate, Competitor, Excluded, Exclusion, Standing
from router.model import (
    PREFERRED_STEP,
    AgentId,
    AgentOrder,
    ContactId,
    ContactOrder,
    DeviceId,
    LevelOrder,
    OfferId,
    OverflowCause,
    QueueId,
    Requirement,
    Skill,
)

pytestmark = pytest.mark.unit

C, OFFER, DATA, BILL = ContactId("c1"), OfferId("c1.o1"), QueueId("main:data"), QueueId("main:bill")
ANN, BOB, EVE = AgentId("main:ann"), AgentId("main:bob"), AgentId("main:eve")
STEP = Standing(DATA, 0, Requirement(({Skill("data"): 3},)), staffed=2, ends_at=20_000)
SECOND = replace(STEP, step=1, requirement=Requirement(({Skill("data"): 1},)), ends_at=None)
ALONE = Standing(DATA, PREFERRED_STEP, None, ANN, staffed=1, ends_at=15_000)
TALKS = Excluded(BOB, Exclusion.TALKING, contact=ContactId("c9"))
LUNCH = Excluded(EVE, Exclusion.ON_BREAK, reason="lunch")

LET_IN = LetIn(C, 0, DATA, DATA, 2, 3, 10, 4, 5, 0, 0, 60_000)
EXPECTS = replace(LET_IN, waiting=1, waiting_max=None, expected_ms=90_000, handling_ms=180_000)
EXPECTS_LONG = replace(LET_IN, waiting=0, staff=1, expected_ms=400_000, handling_ms=400_000)
REFUSED = Refused(C, 0, DATA, OverflowCause.FULL, waiting=8, waiting_max=8, staff=4)
OWN = Competitor(C, DATA, 0, 5, 40_000, 1)
OTHER = Competitor(ContactId("c2"), BILL, 0, 5, 30_000, 2)


def candidate(agent: AgentId, level: int = 3, *, since: int = 0) -> Candidate:
    grade = level - 3
    return Candidate(agent, {Skill("data"): level}, grade=grade, idle_since_at=since)


OFFERED = Offered(
    C, 0, OFFER, ANN, DeviceId("main:d1"), Chooser.CONTACT, STEP,
    LevelOrder.ANY, AgentOrder.LONGEST_IDLE, ContactOrder.OLDEST,
    (candidate(ANN, since=1_000), candidate(BOB, 4, since=2_000)), (), (), 0, 10_000,
)  # fmt: skip
FREED = replace(OFFERED, by=Chooser.AGENT, candidates=(candidate(ANN),), competitors=(OWN, OTHER))


HERS = QueueId("main:transfer/desk/agents/ann")
ASKED = ContactId("c1.t1")
NOTHING = About()


def said(decision: Decision, about: About = NOTHING) -> str:
    teller = Teller(Names({"ann": "Data expert"}), {"bill"})
    return teller.sentence(decision, lambda at: f"<{at // 1000}>", about)


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (
            LET_IN,
            "Let into data as number 2: 3 others wait there (at most 10 may), and 4 agents are "
            "there for it. It waits till <60> at the longest.",
        ),
        (
            replace(LET_IN, position=1, waiting=0, staff=1),
            "Let into data as number 1: nobody else waits there (at most 10 may), and 1 "
            "agent is there for it. It waits till <60> at the longest.",
        ),
        (
            replace(EXPECTS, priority_ms=60_000, waited_ms=5_000),
            "Let into data as number 2: 1 other waits there, and 4 agents are there for it. It "
            "waits till <60> at the longest. Its wait is expected to be 1 min 30 s (a contact "
            "takes 3 min of an agent's time, a guess, as nothing was measured yet). Its "
            "priority is worth 1 min of waiting. What it waited before counts: 5 s.",
        ),
        (
            replace(LET_IN, queue=BILL, preferred=LUNCH),
            "Let into bill as number 2, instead of data, where there is a crisis: 3 others "
            "wait there (at most 10 may), and 4 agents are there for it. It waits till <60> at the "
            "longest. "
            "Its preferred agent is not waited for: eve is on break: lunch.",
        ),
        (
            replace(EXPECTS_LONG, expected_ms_max=300_000, measured_at=55_000, measures=True),
            "Let into data as number 2: nobody else waits there (at most 10 may), and 1 agent is "
            "there for it. It waits till <60> at the longest. Its wait is expected to be "
            "6 min 40 s (a contact takes 6 min 40 s of an agent's time, measured at <55>). That is "
            "more than the 5 min for which anybody is let in; but nobody else waits and nothing "
            "was measured of late, so it is let in to measure how long it really takes.",
        ),
        (
            REFUSED,
            "Not let into data: it is full: 8 of at most 8 wait there, and 4 agents are "
            "there for it.",
        ),
        (
            replace(REFUSED, waiting=1, waiting_max=1),
            "Not let into data: it is full: 1 of at most 1 waits there, and 4 agents are "
            "there for it.",
        ),
        (
            replace(REFUSED, cause=OverflowCause.NO_AGENTS, excluded=(LUNCH,)),
            "Not let into data: nobody is there for any of its steps (eve is on break: lunch).",
        ),
        (
            replace(
                REFUSED,
                cause=OverflowCause.OVERLOAD,
                pool_waiting=3_000,
                pool_waiting_max=3_000,
                contact_class=7,
                admitted_percent=60,
            ),
            "Not let into data: in all queues together 3000 wait, and class 7 may wait only "
            "while fewer than 3000 do (60 % of all who may).",
        ),
        (
            replace(
                REFUSED,
                cause=OverflowCause.EXPECTED_WAIT,
                position=7,
                expected_ms=240_000,
                expected_ms_max=90_000,
                handling_ms=137_143,
                measured_at=55_000,
            ),
            "Not let into data: as number 7 it would wait about 4 min (a contact takes 2 min 17 s "
            "of an agent's time, measured at <55>, and 4 agents are there for it), and nobody is "
            "let in who would wait more than 1 min 30 s.",
        ),
        (
            replace(REFUSED, cause=OverflowCause.CRISIS),
            "Not let into data: it is switched off by a crisis, with no other queue to go to.",
        ),
    ],
)
def test_door_of_a_queue(decision: Decision, sentence: str) -> None:
    assert said(decision) == sentence


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (
            Waited(C, 0, STEP, 3, (TALKS, LUNCH), 9, 60_000, None),
            "Waits as number 3 at step 1 (data >= 3): nobody who could take it is idle (bob talks, "
            "eve is on break: lunch); this step ends at <20>.",
        ),
        (
            Waited(
                C, 0, replace(SECOND, skipped=(Requirement(({Skill("vip"): 1},)),)), 1, (), 0, 0, 0
            ),
            "Waits as number 1 at step 2 (data), as nobody is there for vip: nobody who could take "
            "it is idle.",
        ),
        (
            Waited(C, 0, ALONE, 1, (replace(TALKS, agent=ANN),), 0, 60_000, None),
            "Waits for ann (Data expert) alone, its preferred agent (ann talks); this step ends at "
            "<15>.",
        ),
        (
            Stood(C, 20_000, StandReason.STEP_OVER, STEP, SECOND, 20_000, False, (TALKS, LUNCH), 0),
            "Nobody with data >= 3 was free for it for 20 s (bob talks, eve is on break: lunch), "
            "so any data skill will do from now on.",
        ),
        (
            Stood(C, 20_000, StandReason.STEP_OVER, STEP, SECOND, 20_000, True, (TALKS,), 0),
            "The time for data >= 3 is over, so any data skill will do from now on.",
        ),
        (
            Stood(C, 0, StandReason.PREFERRED_OVER, ALONE, STEP, 15_000, False, (), 0),
            "ann (Data expert) is waited for no longer, after 15 s; the steps begin with step 1 "
            "(data >= 3); this step ends at <20>.",
        ),
        (
            Stood(C, 0, StandReason.STAFF, STEP, SECOND, 5_000, False, (), 0),
            "Somebody came or went, so it stands at step 2 (data) instead of step 1 (data >= 3).",
        ),
        (
            Stood(C, 0, StandReason.RULES, STEP, SECOND, 5_000, False, (), 0),
            "The steps of data are other ones now: it stands at step 2 (data) instead of step 1 "
            "(data >= 3).",
        ),
        (
            Announced(C, 0, DATA, 3, None, 30_000),
            "Told that it is number 3 in data; next at <30>.",
        ),
        (
            Announced(C, 0, DATA, 3, 120_000, None),
            "Told that it is number 3 in data, with about 2 min to go.",
        ),
        (
            Announced(C, 0, DATA, 1, 61_000, None),
            "Told that it is number 1 in data, with about 2 min to go.",
        ),
        (
            Announced(C, 0, DATA, 1, 3_600_001, None),
            "Told that it is number 1 in data, with more than an hour to go.",
        ),
        (
            Announced(C, 0, DATA, 1, 0, None),
            "Told that it is number 1 in data, with about 1 min to go.",
        ),
        (
            Waited(
                C, 0, replace(STEP, skipped=(Requirement(({Skill("vip"): 1},)),)), 1, (), 0, 0, 0
            ),
            "Waits as number 1 at step 1 (data >= 3), as nobody is there for vip: nobody who could "
            "take it is idle.",
        ),
        (
            Revalued(C, 0, 60_000, 75_000, 1),
            "Its priority is worth 1 min from now on: it counts as waiting for 1 min 15 s and "
            "is number 1 of its queue.",
        ),
    ],
)
def test_waiting(decision: Decision, sentence: str) -> None:
    assert said(decision) == sentence


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (
            OFFERED,
            "Rang ann (Data expert) for step 1 (data >= 3): idle longest of 2 (since <1>); behind "
            "her: bob (data 4, idle since <2>). It rings till <10> at d1.",
        ),
        (
            replace(OFFERED, levels=LevelOrder.LOWEST, excluded=(LUNCH,)),
            "Rang ann (Data expert) for step 1 (data >= 3): the lowest sufficient level (data 3); "
            "behind her: bob (data 4, idle since <2>). Not asked: eve is on break: lunch. It rings "
            "till <10> at d1.",
        ),
        (
            replace(OFFERED, standing=ALONE, candidates=(candidate(ANN),)),
            "Rang ann (Data expert): the contact's preferred agent. It rings till <10> at d1.",
        ),
        (
            FREED,
            "ann (Data expert) became free and is rung, at step 1 (data >= 3): it counts as "
            "waiting longest, 40 s; behind it: c2 of bill (counts as 30 s). It rings till "
            "<10> at d1.",
        ),
        (
            replace(FREED, competitors=(OWN, replace(OTHER, contact_class=6))),
            "ann (Data expert) became free and is rung, at step 1 (data >= 3): class 5 comes "
            "first; behind it: c2 of bill (counts as 30 s). It rings till "
            "<10> at d1.",
        ),
        (
            replace(FREED, competitors=(OWN,)),
            "ann (Data expert) became free and is rung, at step 1 (data >= 3): it is first in line "
            "for her. It rings till <10> at d1.",
        ),
        (
            replace(FREED, standing=ALONE, competitors=(OWN,)),
            "ann (Data expert) became free and is rung, as the contact's preferred agent: it is "
            "first in line for her. It rings till <10> at d1.",
        ),
        (
            PassedBy(C, 0, ANN, ContactOrder.OLDEST, OWN, replace(OTHER, waiting_ms=50_000), 0),
            "ann (Data expert) became free and took c2 of bill: it counts as waiting longer, 50 s "
            "against 40 s.",
        ),
        (
            PassedBy(C, 0, ANN, ContactOrder.OLDEST, OWN, replace(OTHER, contact_class=2), 0),
            "ann (Data expert) became free and took c2 of bill: class 2 comes before class 5.",
        ),
        (
            PassedBy(C, 0, ANN, ContactOrder.OLDEST, OWN, replace(OTHER, waiting_ms=40_000), 0),
            "ann (Data expert) became free and took c2 of bill: it came first, and waits as long.",
        ),
        (
            PassedBy(
                C, 0, ANN, ContactOrder.FAIR, OWN, replace(OTHER, queue=DATA, waiting_ms=90_000), 3
            ),
            "ann (Data expert) became free and took c2 of data: it counts as waiting longer, 1 min "
            "30 s against 40 s; this contact is number 4 in the same line.",
        ),
    ],
)
def test_agents(decision: Decision, sentence: str) -> None:
    assert said(decision) == sentence


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (
            Overflowed(C, 0, DATA, OverflowCause.TIMED_OUT, 60_000, 60_000),
            "Given back by data after 1 min: the longest wait of 1 min is over.",
        ),
        (
            Overflowed(C, 0, DATA, OverflowCause.NO_AGENTS, 5_000, 60_000, (LUNCH,)),
            "Given back by data after 5 s: nobody is there for any of its steps (eve is on break: "
            "lunch).",
        ),
        (
            Overflowed(C, 0, DATA, OverflowCause.CRISIS, 5_000, 60_000),
            "Given back by data after 5 s: it is switched off by a crisis, with no other queue to "
            "go to.",
        ),
        (
            Moved(C, 0, DATA, BILL, True, 90_000),
            "Moved from data to bill because of the crisis there: it keeps the time it has "
            "waited, its steps begin anew, and it waits there till <90> at the longest.",
        ),
        (
            Left(C, 0, DATA, 5_000),
            "Left data by itself after 5 s: the caller hung up, or the flow took it away.",
        ),
    ],
)
def test_ways_out(decision: Decision, sentence: str) -> None:
    assert said(decision) == sentence


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (
            replace(LET_IN, queue=HERS, asked=HERS),
            "Waits for ann (Data expert), to whom it was passed on, till <60>.",
        ),
        (
            replace(LET_IN, contact=ASKED, queue=HERS, asked=HERS),
            "Waits for ann (Data expert), who is asked, till <60>.",
        ),
        (
            replace(REFUSED, queue=HERS, cause=OverflowCause.NO_AGENTS, excluded=()),
            "Not passed on to ann (Data expert): she is not there.",
        ),
        (
            replace(
                REFUSED,
                queue=HERS,
                cause=OverflowCause.NO_AGENTS,
                preferred=replace(LUNCH, agent=ANN),
            ),
            "Not passed on to ann (Data expert): she is on break: lunch.",
        ),
        (
            replace(
                REFUSED,
                contact=ASKED,
                queue=HERS,
                cause=OverflowCause.NO_AGENTS,
                preferred=Excluded(ANN, Exclusion.UNREACHABLE),
            ),
            "ann (Data expert) is not asked: her phone cannot be reached.",
        ),
        (
            Overflowed(C, 0, HERS, OverflowCause.TIMED_OUT, 30_000, 30_000),
            "ann (Data expert) is waited for no longer, after 30 s: the longest wait of 30 s is "
            "over.",
        ),
        (
            Waited(C, 0, replace(ALONE, queue=HERS), 1, (replace(TALKS, agent=ANN),), 0, 0, None),
            "Waits for ann (Data expert) alone (ann talks).",
        ),
        (
            replace(OFFERED, standing=replace(ALONE, queue=HERS), candidates=(candidate(ANN),)),
            "Rang ann (Data expert): it is for her alone. It rings till <10> at d1.",
        ),
        (
            replace(REFUSED, queue=BILL, cause=OverflowCause.NO_AGENTS, excluded=(LUNCH,)),
            "Not let into bill: nobody is there for it (eve is on break: lunch).",
        ),
    ],
)
def test_queues_of_one_agent_and_of_one_step(decision: Decision, sentence: str) -> None:
    assert said(decision) == sentence


def test_what_other_decisions_tell_is_said_too() -> None:
    back = said(replace(LET_IN, queue=HERS), About(returns=True))
    assert back == "Waits for ann (Data expert), to whom it goes back, till <60>."
    expected = replace(LET_IN, expected_ms=90_000)
    assert "expected" in said(expected)
    assert "expected" not in said(expected, About(is_offered_at_once=True))
    over = Ended(C, 0, OFFER, ANN, 5_000, None)
    assert said(over, About(left_in=ASKED, left_to=BOB)).endswith("she left the caller to bob.")
    assert said(over, About(left_in=ASKED)).endswith("to wait for who was asked (c1.t1).")


BY_OPS = About(asked_by="ops")


@pytest.mark.parametrize(
    ("decision", "part"),
    [
        (Moved(C, 0, DATA, BILL, False, 9_000), "Moved from data to bill as ops asked: it keeps"),
        (
            Moved(C, 0, DATA, BILL, True, 9_000),
            "Moved from data to bill because of the crisis there, which ops declared: it keeps",
        ),
        (
            Revalued(C, 0, 60_000, 75_000, 1),
            "Its priority is worth 1 min from now on, as ops asked: it counts",
        ),
        (
            ChangeRefused(C, 0, BILL, Unchanged.NOT_WAITING),
            "ops asked for bill, and nothing changed: it does not wait now.",
        ),
        (
            Moved(C, 0, DATA, BILL, False, 9_000, QueueId("main:vip")),
            "as ops asked for vip, whose crisis leads there: it keeps",
        ),
        (
            Overflowed(C, 0, DATA, OverflowCause.CRISIS, 5_000, 60_000),
            "with no other queue to go to; ops declared it.",
        ),
    ],
)
def test_who_decided_by_a_command_is_named(decision: Decision, part: str) -> None:
    assert part in said(decision, BY_OPS)


def test_orders_of_agents_are_named_with_what_decided() -> None:
    busy = replace(candidate(BOB), accepted_today=5, occupancy_permille=600)
    idle = replace(candidate(ANN), accepted_today=2, occupancy_permille=425)
    ranked = replace(OFFERED, candidates=(idle, busy))
    fewest = said(replace(ranked, agents=AgentOrder.FEWEST_TODAY))
    assert "fewest contacts today (2); behind her: bob" in fewest
    occupied = said(replace(ranked, agents=AgentOrder.LEAST_OCCUPIED))
    assert "least occupied today (42.5 %); behind her: bob" in occupied
    tied = replace(OFFERED, agents=AgentOrder.LEAST_OCCUPIED)
    assert "equally occupied today; idle longest of 2 (since <1>); behind her" in said(tied)
    missed = replace(ranked, candidates=(idle, replace(busy, missed_before=True)))
    assert "she was not offered it in vain before; behind her: bob (data 3, was offered" in said(
        missed
    )


def test_orders_of_contacts_are_named_with_what_decided() -> None:
    fair = replace(
        FREED,
        contacts=ContactOrder.FAIR,
        competitors=(replace(OWN, passed=1), replace(OTHER, passed=2)),
    )
    assert "its queue has had the least of its share; behind it: c2" in said(fair)
    ratio = replace(
        FREED,
        contacts=ContactOrder.RATIO,
        competitors=(replace(OWN, imbalance=2), replace(OTHER, imbalance=1)),
    )
    assert "its queue is longest for its share; behind it: c2" in said(ratio)


def test_long_lists_are_cut_and_counted() -> None:
    crowd = tuple(replace(TALKS, agent=AgentId(f"main:{number}")) for number in range(30))
    waited = said(Waited(C, 0, SECOND, 1, crowd, 0, 60_000, None))
    assert waited.count(" talks") == NAMED_MAX
    assert f"11 talks, and {30 - NAMED_MAX} more)" in waited


@pytest.mark.parametrize("rule", list(Exclusion))
def test_every_exclusion_but_of_skills_has_its_words(rule: Exclusion) -> None:
    waited = said(Waited(C, 0, SECOND, 1, (Excluded(BOB, rule),), 0, 60_000, None))
    assert ("bob" in waited) is (rule is not Exclusion.LEVEL)
