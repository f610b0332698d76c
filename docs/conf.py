"""The documentation site's configuration (Sphinx): `make docs` builds it into build/docs.

The build is strict: a warning is an error. Links and references that lead nowhere are warnings.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "docs" / "extensions"), str(ROOT / "lib"), str(ROOT)]

import hssmtp  # noqa: E402

project = "hssmtp"
smartquotes_action = "D"  # dashes alone: the quotes in a message are those that the program writes
author = "the hssmtp authors"
project_copyright = "the hssmtp authors"
version = release = hssmtp.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "from_project",
    "outside_links",
    "plain_docstrings",
]
# dialogue.md is for GitHub, which draws its diagram; the site shows it as a table.
exclude_patterns = ["dialogue.md"]

myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3

nitpicky = True
# Names in types that this site does not describe: Python's own, and classes of the library that an
# application never holds.
nitpick_ignore_regex = [
    ("py:.*", r"(collections\.abc\.)?(Callable|Iterable)|(typing\.)?BinaryIO|(tls\.)?SSLContext"),
    ("py:.*", r"str|bytes|bytearray|int|bool|float|object|dict|list|tuple|None|[A-Z]\w*Error"),
    ("py:.*", r"Exception"),
]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 60
add_module_names = False

html_theme = "furo"
html_title = f"hssmtp {release}"
html_static_path = ["static"]
html_favicon = "static/favicon.svg"
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "color-brand-primary": "#1f5f8b",
        "color-brand-content": "#1f5f8b",
        "font-stack": "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif",
        "font-stack--monospace": "ui-monospace, 'SFMono-Regular', Menlo, Consolas,"
        " 'DejaVu Sans Mono', monospace",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7fb9e0",
        "color-brand-content": "#7fb9e0",
    },
}
pygments_style = "friendly"
pygments_dark_style = "monokai"
