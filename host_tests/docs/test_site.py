"""docs/: the site builds without a warning, and looks right in a browser."""

import functools
import http.server
import re
import shutil
import threading

import pytest
from playwright.sync_api import sync_playwright

from host_tests.support import docs_site
from host_tests.support.docs_site import build, pages
from host_tests.support.runtimes import ROOT
from host_tests.support.servers import missing

SCREENSHOTS = ROOT / "build" / "docs-screenshots"
WIDTHS = (390, 1280)  # px: a phone, a desktop


@pytest.fixture(scope="module")
def site():
    return docs_site.site()


# The build


BROKEN = {
    "[a page](gone.md)": "gone.md",
    "[a heading](#gone)": "target not found: 'gone'",
    "{ref}`gone`": "undefined label: 'gone'",
    "{doc}`gone`": "unknown document: 'gone'",
    "{term}`gone`": "term not in glossary: 'gone'",
    "{py:meth}`hssmtp.Client.gone`": "py:meth reference target not found: hssmtp.Client.gone",
    "![a picture](gone.svg)": "gone.svg",
    "[a file](../gone/README.md)": "no such file: ../gone/README.md",
}


def test_what_leads_nowhere_fails_the_build(tmp_path):
    (tmp_path / "source").mkdir()
    page = "\n\n".join(["# A page", *BROKEN, ""])
    (tmp_path / "source" / "index.md").write_text(page, encoding="utf-8")
    done = build(tmp_path / "source", tmp_path / "site")
    assert done.returncode != 0
    for complaint in BROKEN.values():
        assert complaint in done.stderr


def test_each_page_can_be_reached_from_the_first(site):
    seen = set()
    left = ["index.html"]
    while left:
        page = left.pop()
        if page in seen:
            continue
        seen.add(page)
        text = (site / page).read_text(encoding="utf-8")
        for link in re.findall(r'<a [^>]*href="([^"#:]+\.html)[#"]', text):
            target = ((site / page).parent / link).resolve().relative_to(site.resolve())
            assert (site / target).is_file(), f"{page}: {link}"
            left.append(str(target))
    assert set(pages()) <= seen


def test_each_anchor_that_is_linked_to_exists(site):
    anchors = {
        page: set(re.findall(r' id="([^"]+)"', (site / page).read_text(encoding="utf-8")))
        for page in pages()
    }
    checked = 0
    for page in pages():
        text = (site / page).read_text(encoding="utf-8")
        for link, anchor in re.findall(r'<a [^>]*href="([^"#:]*)#([^"]+)"', text):
            target = ((site / page).parent / link).resolve() if link else (site / page).resolve()
            name = str(target.relative_to(site.resolve()))
            if name in anchors:
                checked += 1
                assert anchor in anchors[name], f"{page}: {link}#{anchor}"
    assert checked > 200  # or this looked at nothing


# In a browser


@pytest.fixture(scope="module")
def address(site):
    """The site's address, while it is served."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and logs nothing."""

    def log_message(self, format, *args):
        pass


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        missing("no chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser, address):
    """A page; afterwards: what its console said, and what it asked of other servers."""
    page = browser.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda it: it.url.startswith(address) or said.append(it.url))
    page.on("requestfailed", lambda it: said.append(it.url))
    yield page
    page.close()
    assert said == []


# What of a page ends beyond the screen, and lies in no box within the text that scrolls by itself.
# (Around the text the theme has boxes that scroll or cut off: they would hide it.)
WIDER = """() => [...document.querySelectorAll("article *")].filter(it => {
    if (it.getBoundingClientRect().right <= innerWidth + 1) return false;
    for (let box = it; box.tagName != "ARTICLE"; box = box.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return false;
    return true;
}).map(it => it.outerHTML.slice(0, 200))"""


ACROSS = """() => [document.scrollingElement, document.querySelector(".content")].map(
    it => it.scrollWidth)"""


def test_what_is_wider_than_the_screen_is_noticed(page, address):
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    page.goto(address + "first-mail.html")
    assert page.evaluate(WIDER) == []
    page.add_style_tag(content="pre, .highlight { overflow: visible !important }")
    assert page.evaluate(WIDER) != []
    assert max(page.evaluate(ACROSS)) > WIDTHS[0]


def test_no_page_is_wider_than_the_screen(page, address):
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    for name in pages():
        page.goto(address + name, wait_until="load")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            across = page.evaluate(ACROSS)
            assert max(across) <= width, name
            assert page.evaluate(WIDER) == [], name
            target = SCREENSHOTS / f"{name.removesuffix('.html').replace('/', '-')}-{width}.jpg"
            page.screenshot(path=target, full_page=True, type="jpeg", quality=80)
            assert target.stat().st_size > 10000


def test_the_search_finds_a_page(page, address):
    page.goto(address + "search.html?q=watchdog")
    page.wait_for_selector("#search-results li a", timeout=10000)
    assert "first-mail.html" in page.content()
