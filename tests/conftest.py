"""Rules for all tests: each module says of which kind it is, and says it once."""

from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings
from kinds import KINDS

# How long a machine takes to draw or to run an example says nothing about the code: it is shared.
settings.register_profile(
    "shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared machine")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail the collection of a module without exactly one kind: `-m unit` must mean what it says.

    A failed report, not an exception from `pytest_collection_modifyitems`: that one ends an xdist
    worker as an internal error, and the sentence is lost.
    """
    report = yield
    if isinstance(collector, pytest.Module) and report.passed:
        on_module = [mark.name for mark in collector.iter_markers() if mark.name in KINDS]
        on_parts = [
            mark.name
            for part in report.result or ()
            for mark in part.own_markers
            if mark.name in KINDS
        ]
        if len(on_module) != 1 or on_parts:
            report.outcome = "failed"
            report.longrepr = (
                f"{collector.nodeid} must set pytestmark to exactly one of {', '.join(KINDS)}, for "
                f"the module as a whole; it has {', '.join(on_module + on_parts) or 'none'}"
            )
    return report
