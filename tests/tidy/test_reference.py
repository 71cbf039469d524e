"""The reference page is what the tables say."""

import pytest
from sources import text_of

from ivr.flow.reference import reference_page

pytestmark = pytest.mark.tidy


def test_committed_page_is_the_generated_one() -> None:
    assert text_of("docs/reference.md") == reference_page(), (
        "run `expertline schema --format markdown > docs/reference.md`"
    )
