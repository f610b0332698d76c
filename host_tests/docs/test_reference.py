"""docs/: every public name, argument, message and provider is described."""

import ast
import html
import importlib
import inspect
import re
import zlib

import hssmtp
import pytest
from hssmtp import advice, client, names
from hssmtp.mime import further_fields

from host_tests.support import docs_site
from host_tests.support.docs_site import DOCS
from host_tests.support.runtimes import ROOT
from tools.configure.providers import PROVIDERS

SERVER = "smtp.example.com:587"  # in the titles of errors.md


@pytest.fixture(scope="module")
def site():
    return docs_site.site()


@pytest.fixture(scope="module")
def described(site):
    """The names that the reference describes, without "hssmtp."."""
    packed = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    lines = zlib.decompress(packed).decode().splitlines()
    entries = [line.split(" ") for line in lines]
    return {entry[0].removeprefix("hssmtp.") for entry in entries if entry[1].startswith("py:")}


def stub_names():
    """The names in __init__.pyi."""
    for node in ast.parse((ROOT / "lib" / "hssmtp" / "__init__.pyi").read_text()).body:
        match node:
            case ast.FunctionDef(name) | ast.ClassDef(name) | ast.AnnAssign(ast.Name(name)):
                yield name
            case ast.ImportFrom(names=aliases, level=1):
                yield from (alias.name for alias in aliases)


def test_every_public_name_is_in_the_reference(described):
    public = set(stub_names()) | set(hssmtp._MODULES)
    assert len(public) > 40
    assert public <= described, public - described


@pytest.mark.parametrize(
    "one",
    [
        hssmtp.Client("localhost", security="none"),
        hssmtp.Link(),
        hssmtp.AddressList(__file__),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_an_application_can_use_of_an_object_is_in_the_reference(described, one):
    internal = {  # of Client: what its base class offers to the session
        "Client": {"clear", "fail", "refuse_recipient"},
        "AddressList": {"open"},
        "Link": {"address"},  # in the text of the class
    }[type(one).__name__]
    public = {name for name in dir(one) if not name.startswith("_")} - internal
    kind = type(one).__name__
    assert {f"{kind}.{name}" for name in public} <= described


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("client", hssmtp.Client),
        ("message", hssmtp.Message),
        ("message", hssmtp.Attachment),
        ("message", hssmtp.AddressList),
    ],
)
def test_every_argument_is_described_with_its_type(site, page, kind):
    text = (site / "reference" / f"{page}.html").read_text(encoding="utf-8")
    start = text.index(f'id="hssmtp.{kind.__name__}"')
    section = text[start : text.find("</dl>\n\n</dd></dl>", start)]
    signature, description = section.split('<span class="sig-paren">)</span>', 1)
    for name, parameter in inspect.signature(kind).parameters.items():
        found = re.search(rf'<em class="sig-param">.*?>{name}<(.*?)</em>', signature)
        assert found, f"{kind.__name__}: {name}"
        shown = html.unescape(re.sub("<[^>]+>", "", "<" + found[1]))
        kind_of_it = parameter.annotation
        assert getattr(kind_of_it, "__name__", kind_of_it) in shown
        found = re.search(rf"<strong>{name}</strong> – (.*?)</p>", description, re.S)
        assert found and len(found[1]) > 3, f"{kind.__name__}: {name}"


@pytest.fixture
def rewritten(monkeypatch):
    monkeypatch.syspath_prepend(DOCS / "extensions")
    return importlib.import_module("plain_docstrings").rewritten


def test_a_plain_docstring_becomes_fields(rewritten):
    text = """Send a mail: `ca` or *.

    host: a name. port: None: 587.
    to, cc: one
        such string.

    Raises ValueError for an `x`, OSError if it is missing. Both name it.
    """
    assert rewritten(text, ["host", "port", "to", "cc"]) == (
        "Send a mail: ``ca`` or \\*.\n\nBoth name it.\n\n"
        ":param host: a name.\n:param port: None: 587.\n"
        ":param to: one such string.\n:param cc: one such string.\n"
        ":raises ValueError: an ``x``\n:raises OSError: if it is missing\n"
    )


def test_a_sentence_that_names_no_error_is_not_a_part_of_an_argument(rewritten):
    text = "Send.\n\nidle: called in between. Raises what send_mail() raises."
    assert rewritten(text, ["idle"]) == (
        "Send.\n\nRaises what send_mail() raises.\n\n:param idle: called in between.\n"
    )


def test_the_help_of_the_command_line_has_80_columns(site):
    page = (site / "reference" / "command-line.html").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<pre>.*?(usage: .*?)</pre>", page, re.S)
    lines = html.unescape(re.sub("<[^>]+>", "", shown)).splitlines()
    assert 70 < max(map(len, lines)) <= 80


# Errors and providers


# These follow "does not offer".
ADDED = ("_NO_STARTTLS", "_NO_UTF8", "_NO_LOGIN")


def titles():
    """The headings of errors.md."""
    return re.findall(r"^#+ (.*)$", (DOCS / "errors.md").read_text(encoding="utf-8"), re.M)


def messages():
    """The texts of advice.py, as explain() writes them for SERVER."""
    constants = {name: value for name, value in vars(advice).items() if re.match("_[A-Z]", name)}
    unsupported = advice._ADVICE[-1]
    for text in advice._ADVICE[:-1]:
        yield text.replace("@", SERVER)
    for name, value in constants.items():
        if isinstance(value, str) and name != "_MEMORY_ALERT":
            text = unsupported + value if name in ADDED else value
            yield text.replace("@", SERVER).replace("%d", "10485760")


def test_each_message_of_explain_is_a_title():
    found = list(messages())
    assert len(found) > 20
    assert set(found) <= set(titles()), set(found) - set(titles())


def test_each_text_within_a_function_of_explain_is_on_the_page():
    tree = ast.parse((ROOT / "lib" / "hssmtp" / "advice.py").read_text(encoding="utf-8"))
    page = (DOCS / "errors.md").read_text(encoding="utf-8")
    checked = 0
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        docstring = ast.get_docstring(function, clean=False)
        for node in ast.walk(function):
            match node:
                case ast.Constant(str(text)) if text != docstring and text.count(" ") > 1:
                    checked += 1
                    assert text.replace("@ ", "").strip(" ,;:") in page, text
    assert checked > 5


def test_each_error_has_an_anchor_and_a_title(site):
    page = (site / "errors.html").read_text(encoding="utf-8")
    for name in names.ERRORS.split()[1:]:
        assert name in titles()
        assert f'id="{name.lower().replace("_", "-")}"' in page


def test_each_message_says_its_cause_and_its_cure():
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    for section in re.split(r"^#+ ", text, flags=re.M)[1:]:
        title = section.splitlines()[0]
        if title in set(messages()):
            assert "**Cause.**" in section and "**Cure.**" in section, title


def test_each_provider_has_its_row(site):
    page = (site / "providers.html").read_text(encoding="utf-8")
    for one in PROVIDERS:
        assert one.host in page, one.name


def test_the_fields_that_a_header_may_not_have_are_named():
    page = (DOCS / "reference" / "message.md").read_text(encoding="utf-8")
    (refused,) = re.findall(r"^- Refused: (.*?)\.\n", page, re.M | re.S)
    named = re.findall(r"`([\w-]+)`", refused)
    assert {name.lower().encode() for name in named} == set(
        further_fields._OWN_FIELDS.split()[::2]
    )
    for name in named:
        with pytest.raises(ValueError, match=name):
            hssmtp.Message("a@example.com", to="b@example.com", headers={name: "x"})


def test_the_interval_of_noop_is_that_of_the_library():
    page = (DOCS / "reference" / "client.md").read_text(encoding="utf-8")
    (minutes,) = re.findall(r"sends NOOP every (\d+) minutes", page)
    assert int(minutes) * 60_000 == client._NOOP_MS
