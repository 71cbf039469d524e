"""The running Asterisk describes itself exactly as its installed files do.

So the comparison of our operations and events with those files (tests/adapters) holds for what
really runs.
"""

import json

import aiohttp
import pytest
from conftest import RealWorld

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="session")]

OF_THE_HOST = {"basePath"}
"""What the server fills in by itself."""


async def test_running_asterisk_publishes_its_installed_descriptions(real_world: RealWorld) -> None:
    stand = real_world.stand
    settings = stand.settings
    folder = settings.installation.data_dir / "rest-api"
    names = sorted(path.name for path in folder.glob("*.json"))
    assert "events.json" in names
    credentials = aiohttp.encode_basic_auth(settings.ari_user, stand.ari_password)
    async with aiohttp.ClientSession(headers={"Authorization": credentials}) as http:
        for name in names:
            async with http.get(f"{stand.ari_url}/api-docs/{name}") as response:
                assert response.status == 200
                served = json.loads(await response.read())
            written = json.loads((folder / name).read_text())
            for key in OF_THE_HOST:
                served.pop(key, None)
                written.pop(key, None)
            assert served == written, name
