"""The page in Chromium with the network off: no error, nothing asked for, nothing wider than the screen."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.instant import files as given
from tests.instant.conftest import TODAY, silent
from zhike.instant import making


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_works_offline(browser: Browser, tmp_path: Path, lang: str) -> None:
    wanted = making.Wanted(path=given.superstore(tmp_path), mapping={}, lang=lang, today=TODAY)
    made = making.write(wanted, tmp_path / "out", silent)
    for width in (1440, 390):
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        page = context.new_page()
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(f"file://{made['html']}")
        assert not said
        assert [url for url in asked if not url.startswith("data:")] == [f"file://{made['html']}"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("section").count() == 10
        assert page.locator(".tile").first.bounding_box()["height"] > 10
        context.close()
