"""The site an engine serves: read from disk and checked whole, and the versions it holds."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from small_site import site

from ivr.adapters.media import BuiltPrompts
from ivr.adapters.store.sites import StoredSite
from ivr.app_site import EngineProblem, SiteInvalid, reasons_of, servable_site
from ivr.flow.model import Language, PromptKey
from ivr.flow.site import DeviceEntry, Site
from ivr.prompts.catalogue import CatalogueInvalid, load_catalogue
from ivr.prompts.model import Catalogue, Sound
from ivr.settings import EngineSettings, repository_root
from ivr.site_shelf import HERE_MAX, SiteShelf

pytestmark = pytest.mark.unit

ZH = Language("zh-CN")


def settings_on(site: Path, audio: Path) -> EngineSettings:
    return EngineSettings(site, audio, "127.0.0.1", 1, "app", "user", audio, audio)


def audio_of(catalogue: Catalogue, folder: Path) -> Path:
    """A folder in which each sound has its (empty) files."""
    for path in BuiltPrompts(catalogue, folder).missing():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def test_site_is_servable_with_its_audio_only(tmp_path: Path) -> None:
    settings = settings_on(repository_root() / "dialplans", tmp_path / "audio")
    with pytest.raises(EngineProblem, match=r"audio is missing: .* and \d+ more; run `expertline"):
        servable_site(settings)
    audio_of(load_catalogue(), settings.audio)
    served = servable_site(settings)
    assert "10086" in served.checked.site.hotlines
    assert "site.yaml" in served.checked.stored.texts


def test_mistakes_are_told_one_by_one_and_a_missing_folder_in_one_sentence(tmp_path: Path) -> None:
    copied = tmp_path / "site"
    shutil.copytree(repository_root() / "dialplans", copied)
    (copied / "10086" / "queues.yaml").write_text("queues: [", encoding="utf-8")
    with pytest.raises(SiteInvalid) as refused:
        servable_site(settings_on(copied, tmp_path))
    reasons = reasons_of(refused.value)
    assert reasons[0].startswith("10086/queues.yaml:2:1: error yaml-syntax")
    assert all(" error " in each for each in reasons)
    with pytest.raises(EngineProblem) as lost:
        servable_site(settings_on(tmp_path / "nowhere", tmp_path))
    assert reasons_of(lost.value) == (str(lost.value),)


def test_catalogue_with_mistakes_is_refused_before_the_site_is_read(tmp_path: Path) -> None:
    settings = settings_on(repository_root() / "dialplans", tmp_path)
    broken = tmp_path / "catalogue.yaml"
    broken.write_text("prompts: 7\n", encoding="utf-8")
    for each in (broken, tmp_path / "missing.yaml"):
        with pytest.raises(CatalogueInvalid) as refused:
            servable_site(settings, each)
        assert str(each) in reasons_of(refused.value)[0]


def sound(key: str) -> Sound:
    return Sound(key, "zh-CN", (("zh-CN", key),), fragment=False, licence="own")


def catalogue(*keys: str) -> Catalogue:
    return Catalogue({}, {f"zh-CN/{key}": sound(key) for key in keys})


def test_prompt_that_a_new_catalogue_lacks_stays_playable(tmp_path: Path) -> None:
    media = BuiltPrompts(catalogue("welcome", "old"), tmp_path)
    media.renew(catalogue("welcome", "new"))
    for key in ("welcome", "old", "new"):
        uri = media.media_uri(PromptKey(key), ZH)
        assert uri == f"sound:{tmp_path.resolve()}/zh-CN/{key}"


def test_shelf_holds_the_sites_used_last_and_asks_for_the_others() -> None:
    asked: list[str] = []

    def stored(version: str) -> StoredSite | None:
        asked.append(version)
        return None

    shelf = SiteShelf(stored)
    every = [variant(number) for number in range(HERE_MAX)]
    for each in every:
        shelf.put(each)
    assert shelf[every[0].version] is every[0]
    shelf.put(variant(99))
    assert len(shelf) == HERE_MAX
    assert shelf[every[0].version] is every[0]
    with pytest.raises(KeyError):
        shelf[every[1].version]
    assert asked == [every[1].version]


def variant(number: int) -> Site:
    return replace(site(), devices={f"desk-{number}": DeviceEntry(f"desk-{number}")})
