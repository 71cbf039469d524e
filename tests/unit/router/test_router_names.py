"""Names as authors write them, qualified by their tenant, and as they are shown."""

import pytest

from router.model import as_qualified, local_name

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "full"), [("data", "main:data"), ("main:data", "main:data"), ("x:data", "x:data")]
)
def test_name_without_a_tenant_is_of_the_default_one(written: str, full: str) -> None:
    assert as_qualified(written) == full


@pytest.mark.parametrize(
    ("identifier", "shown"), [("main:data", "data"), ("data", "data"), ("x:y:z", "y:z")]
)
def test_name_is_shown_without_its_tenant(identifier: str, shown: str) -> None:
    assert local_name(identifier) == shown
