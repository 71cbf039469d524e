"""What we ask for and read is what Asterisk publishes of itself, operation by operation.

The descriptions are those of the installed Asterisk; that the running one serves the same is a
contract test. An operation or event added to the adapter is compared without being named here:
its absence from ``EXAMPLES`` is a failure of its own.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from ivr.adapters.ari import events, operations, resync
from ivr.adapters.ari.commands import REASONS
from ivr.adapters.ari.events import OtherEvent
from ivr.adapters.ari.operations import Callee, Operation
from ivr.provision.asterisk import locate

pytestmark = pytest.mark.contract

EXAMPLES: dict[str, dict[str, Any]] = {
    "answer": {"channel": "c"},
    "play": {"channel": "c", "playback": "p", "media": ("sound:/a", "sound:/b")},
    "stop_playback": {"playback": "p"},
    "get_playback": {"playback": "p"},
    "record": {"channel": "c", "recording": "r", "max_s": 60, "silence_s": 4},
    "stop_recording": {"recording": "r"},
    "get_recording": {"recording": "r"},
    "start_music": {"channel": "c", "music_class": "hold"},
    "stop_music": {"channel": "c"},
    "create_channel": {
        "channel": "c",
        "callee": Callee("PJSIP/d", "level=gold"),
        "app": "a",
        "originator": "o",
    },
    "dial": {"channel": "c", "caller": "o", "timeout_s": 20},
    "hang_up": {"channel": "c", "reason": "normal"},
    "create_bridge": {"bridge": "b"},
    "add_to_bridge": {"bridge": "b", "channels": ("c", "d")},
    "destroy_bridge": {"bridge": "b"},
    "get_channel": {"channel": "c"},
    "get_bridge": {"bridge": "b"},
    "list_channels": {},
    "list_bridges": {},
    "list_endpoints": {},
    "subscribe_endpoints": {"app": "a"},
    "filter_events": {"app": "a", "allowed": ("StasisStart",)},
    "asterisk_info": {},
    "reload_module": {"module": "res_pjsip.so"},
    "ping": {},
}
"""One way to ask for each operation."""

OURS = {"OtherEvent"}
"""Structs of events.py that stand for nothing Asterisk publishes."""

LISTED_AS = {"ListedChannel": "Channel", "Dialplan": "DialplanCEP", "CallerId": "CallerID"}
"""Where our name of a model is not Asterisk's."""

FITTING: dict[Any, frozenset[str]] = {
    str: frozenset({"string", "Date"}),
    int: frozenset({"int", "long"}),
    bool: frozenset({"boolean"}),
}
INDEX = "resources"
"""The description that only lists the others."""

ENVELOPE = frozenset({"type", "application", "timestamp", "asterisk_id"})


@cache
def published() -> dict[str, Any]:
    folder = locate().data_dir / "rest-api"
    paths = [path for path in sorted(folder.glob("*.json")) if path.stem != INDEX]
    return {path.stem: json.loads(path.read_text()) for path in paths}


@cache
def models() -> dict[str, dict[str, Any]]:
    return {name: model for part in published().values() for name, model in part["models"].items()}


def published_operations() -> Iterator[tuple[str, re.Pattern[str], dict[str, Any]]]:
    for part in published().values():
        for api in part["apis"]:
            shape = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(api["path"].lstrip("/")))
            for operation in api["operations"]:
                yield operation["httpMethod"], re.compile(shape), operation


def description_of(operation: Operation) -> dict[str, Any]:
    fitting = [
        (shape.pattern.count("[^/]+"), described)
        for method, shape, described in published_operations()
        if method == operation.method and shape.fullmatch(operation.path)
    ]
    assert fitting, f"Asterisk publishes no {operation.method} {operation.path}"
    return min(fitting, key=lambda found: found[0])[1]


def makers() -> dict[str, Callable[..., Operation]]:
    """Every public function of operations.py that gives an operation."""
    return {
        name: made
        for name, made in inspect.getmembers(operations, inspect.isfunction)
        if made.__module__ == operations.__name__ and not name.startswith("_")
    }


def check_parameters(operation: Operation) -> None:
    declared = {
        parameter["name"]: parameter
        for parameter in description_of(operation).get("parameters", [])
        if parameter["paramType"] == "query"
    }
    for name, value in operation.query.items():
        assert name in declared, f"{operation.path} has no parameter {name}"
        check_value(declared[name], value)
    required = {name for name, parameter in declared.items() if parameter["required"]}
    assert required <= set(operation.query), f"{operation.path} needs {required}"


def check_value(parameter: dict[str, Any], value: str) -> None:
    if parameter["dataType"] in ("int", "long"):
        assert int(value) >= parameter.get("allowableValues", {}).get("min", 0)
    allowed = parameter.get("allowableValues", {}).get("values")
    assert allowed is None or value in allowed, f"{value} is not among {allowed}"


def test_every_operation_has_an_example() -> None:
    assert set(makers()) == set(EXAMPLES)


@pytest.mark.parametrize("name", sorted(makers()))
def test_operation_is_published(name: str) -> None:
    operation = makers()[name](**EXAMPLES[name])
    check_parameters(operation)
    if operation.body is not None:
        kinds = {
            parameter["paramType"] for parameter in description_of(operation).get("parameters", [])
        }
        assert "body" in kinds


@pytest.mark.parametrize("reason", sorted(REASONS.values()))
def test_reason_of_a_hang_up_is_published(reason: str) -> None:
    check_parameters(operations.hang_up("c", reason=reason))


def test_comparison_can_fail() -> None:
    with pytest.raises(AssertionError):
        check_parameters(operations.hang_up("c", reason="bored"))
    with pytest.raises(AssertionError):
        check_parameters(Operation("POST", "channels/create", query={"endpoint": "PJSIP/d"}))
    with pytest.raises(AssertionError):
        check_parameters(Operation("POST", "channels/c/sing"))


def structs() -> dict[str, type[msgspec.Struct]]:
    """Every struct that is decoded from what Asterisk sends."""
    return {
        name: made
        for module in (events, resync)
        for name, made in inspect.getmembers(module, inspect.isclass)
        if issubclass(made, msgspec.Struct)
        and made.__module__ == module.__name__
        and name not in OURS
    }


def model_named(name: str) -> dict[str, Any]:
    tag = structs()[name].__struct_config__.tag
    wanted = str(tag) if tag is not None else LISTED_AS.get(name, name)
    assert wanted in models(), f"Asterisk publishes no {wanted}"
    return models()[wanted]["properties"]


def fits(ours: Any, theirs: str, *, nullable: bool) -> bool:
    """Whether our type reads what is published; None only where a field may be missing."""
    if get_origin(ours) in (Union, UnionType):
        parts = [part for part in get_args(ours) if part is not NoneType]
        return nullable and len(parts) == 1 and fits(parts[0], theirs, nullable=False)
    if get_origin(ours) is list:
        found = re.fullmatch(r"List\[(\w+)\]", theirs)
        return found is not None and fits(get_args(ours)[0], found[1], nullable=False)
    if ours in FITTING:
        return theirs in FITTING[ours]
    return LISTED_AS.get(ours.__name__, ours.__name__) == theirs


def check_fields(name: str, struct: type[msgspec.Struct]) -> None:
    properties = model_named(name)
    hints = get_type_hints(struct)
    optional = {field.name for field in msgspec.structs.fields(struct) if not field.required}
    is_event = struct.__struct_config__.tag is not None
    for field, ours in hints.items():
        if is_event and field in ENVELOPE:
            assert ours is str
            continue
        assert field in properties, f"{name} has no {field}"
        theirs = properties[field]
        may_miss = not theirs.get("required", False)
        assert fits(ours, theirs["type"], nullable=True), f"{name}.{field}: {ours}, {theirs}"
        assert not may_miss or field in optional, f"{name}.{field} may be missing"


@pytest.mark.parametrize("name", sorted(structs()))
def test_fields_we_read_are_published(name: str) -> None:
    check_fields(name, structs()[name])


def test_every_event_is_in_the_union_we_decode() -> None:
    tagged = {name for name, made in structs().items() if made.__struct_config__.tag is not None}
    used = {event.__name__ for event in events.USED_EVENTS}
    assert tagged == used | {"RestResponse"}
    assert OtherEvent.__name__ not in used


def test_comparison_of_fields_can_fail() -> None:
    class Channel(msgspec.Struct):
        id: int = 0

    class Playback(msgspec.Struct):
        colour: str = ""

    for wrong in (Channel, Playback):
        with pytest.raises(AssertionError):
            check_fields(wrong.__name__, wrong)
