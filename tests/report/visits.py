"""Pages opened in a real browser."""

import shutil
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


PICTURE = """new Promise((done) => {
  const chart = echarts.getInstanceByDom(document.getElementById("canvas"));
  const look = () => performance.getEntriesByName("map drawn").length ? done(chart.getDataURL()) : setTimeout(look, 20);
  setTimeout(look, 60);
})"""


def picture(page: Any) -> str:
    """The map as an image, all of its canvases together, once nothing is left to draw."""
    return str(page.evaluate(PICTURE))


class Visit:
    """A page opened from its file, and everything it said or asked for."""

    def __init__(self, browser: Any, path: Path, width: int = 1280) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        self.page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        self.page.wait_for_timeout(200)

    def outside(self) -> list[str]:
        return [url for url in self.asked if not url.startswith(("file:", "data:"))]
