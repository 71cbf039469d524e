"""A small catalogue for tests of the prompt room."""

from pathlib import Path

import pytest

SMALL_CATALOGUE = """\
licence: Apache-2.0
prompts:
  welcome: {zh-CN: 您好, en-US: Hello}
  choose: {bilingual: true, zh-CN: 请按1, en-US: Press 2}
"""


@pytest.fixture
def small_catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.yaml"
    path.write_text(SMALL_CATALOGUE, encoding="utf-8")
    return path
