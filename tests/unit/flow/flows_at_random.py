"""Hotlines of any size for the picture: menus within menus, ways back, one goodbye for all."""

import itertools
from collections.abc import Mapping
from random import Random

from ivr.flow.model import (
    EnterQueue,
    Flow,
    HangUp,
    Hotline,
    Language,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    PromptKey,
    QueueExit,
    Retry,
)

BYE = NodeName("bye")


def hotline_of(nodes: Mapping[NodeName, Node], start: str) -> Hotline:
    flow = Flow("main", NodeName(start), nodes)
    return Hotline("h", ("100",), (Language("zh-CN"),), "Asia/Shanghai", flow)


def random_hotline(seed: int, count: int) -> Hotline:
    """A hotline of about this many nodes."""
    chance = Random(seed)
    nodes: dict[NodeName, Node] = {BYE: HangUp((PromptKey("bye"),))}
    open_menus = [(NodeName("menu0"), BYE)]
    numbers = itertools.count(1)
    while open_menus:
        name, parent = open_menus.pop(0)
        choices = {"9": parent} if chance.random() < 0.6 else {}
        for key in "1234"[: chance.randint(1, 4)]:
            child = NodeName(f"n{next(numbers)}")
            choices[key] = child
            has_room = len(nodes) + len(open_menus) < count
            if has_room and (not open_menus or chance.random() < 0.5):
                open_menus.append((child, name))
            else:
                _leaf(chance, child, name, nodes)
        target = chance.choice([BYE, name, *choices.values()])
        retry = Retry(1, target)
        nodes[name] = Menu((PromptKey("ask"),), choices, 5_000, retry, Retry(1, BYE))
    return hotline_of(nodes, "menu0")


def _leaf(chance: Random, name: NodeName, menu: NodeName, nodes: dict[NodeName, Node]) -> None:
    if chance.random() < 0.5:
        nodes[name] = Play((PromptKey("tell"),), chance.choice([BYE, menu]))
        return
    order = NodeName(f"{name}-order")
    nodes[name] = EnterQueue("h/general", 0, {QueueExit.NO_AGENTS: order, QueueExit.TIMED_OUT: BYE})
    nodes[order] = MakeWorkOrder("topic", None, 3_600_000, BYE)
