"""Which sites stay in the store when a site is changed again and again."""

from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import WALL, entry, store_in

from ivr.adapters.store.sites import SITES_LEFT_MAX, SITES_MAX, StoredSite
from ivr.adapters.store.store import Store
from ivr.call.core import CallCore
from ivr.call.snapshot import CallSnapshot
from ivr.engine.codec import ANCHORED, encode, encode_state
from ivr.engine.driver import DriverSnapshot, SiteActivated
from ivr.ports import Snapshot
from router.core import Router

pytestmark = pytest.mark.unit

STREAM = "node:main"


def keep(store: Store, *numbers: int) -> None:
    for number in numbers:
        site = StoredSite({"site.yaml": f"# {number}"}, {})
        store.sites.keep(f"v{number}", site, wall=WALL + number)


def there(store: Store, *numbers: int) -> list[int]:
    store.journal.flush()
    return [each for each in numbers if store.stored_sites.one(f"v{each}") is not None]


def state(site: str, of_calls: str) -> bytes:
    calls: CallSnapshot = replace(CallCore().snapshot(), site=of_calls)
    return encode_state(DriverSnapshot(site, calls, Router().snapshot()), at_rest=False)


def test_sites_that_nothing_names_go_when_there_are_too_many(tmp_path: Path) -> None:
    store, every = store_in(tmp_path), range(SITES_MAX + 1)
    keep(store, *every[:-1])
    assert there(store, *every) == list(every[:-1])
    keep(store, every[-1])
    assert there(store, *every) == list(every[-SITES_LEFT_MAX:])
    store.close()


def test_site_that_comes_back_is_one_of_the_latest(tmp_path: Path) -> None:
    store, every = store_in(tmp_path), range(SITES_MAX)
    keep(store, *every)
    store.sites.keep("v0", StoredSite({}, {}), wall=WALL + 1_000)
    keep(store, 1_001)
    assert there(store, 0, 1, 1_001) == [0, 1_001]
    first = store.stored_sites.one("v0")
    assert first is not None
    assert first.texts == {"site.yaml": "# 0"}
    store.close()


def test_sites_that_rows_and_states_name_stay(tmp_path: Path) -> None:
    store, every = store_in(tmp_path), range(SITES_MAX + 1)
    keep(store, *every[:-1])
    kind, body = encode(SiteActivated("v3"))
    rows = [
        replace(entry(1), kind=kind, body=body),
        replace(entry(2), kind=ANCHORED, body=state("v5", "v6")),
        entry(3),
    ]
    store.journal.append(rows, [], lambda: None)
    store.journal.save_snapshot(Snapshot(STREAM, 3, 3, WALL, "core", state("v8", "v9")))
    contact = b'{"state":{"site":"v8","calls":{"contacts":[{"id":"c1","site":"v10"}],"x":1}}}'
    store.journal.save_snapshot(Snapshot(STREAM, 4, 4, WALL, "core", contact))
    keep(store, every[-1])
    left = list(every[-SITES_LEFT_MAX:])
    assert there(store, *every) == [3, 5, 6, 8, 9, 10, *left]
    store.close()


def test_while_a_state_cannot_be_read_no_site_goes(tmp_path: Path) -> None:
    store, every = store_in(tmp_path), range(SITES_MAX + 1)
    store.journal.save_snapshot(Snapshot(STREAM, 1, 1, WALL, "core", b"no JSON"))
    keep(store, *every)
    assert there(store, *every) == list(every)
    store.close()
