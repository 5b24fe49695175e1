"""How Sphinx builds these pages as a site: ``make docs``. Sphinx with MyST, because both are kept up and check every link."""

from sphinx.application import Sphinx

project = "smart-bin-sorter"
author = "the smart-bin-sorter contributors"
copyright = "the smart-bin-sorter contributors, Apache-2.0"

extensions = ["myst_parser", "sphinx_design", "sphinx_copybutton"]
exclude_patterns = ["*.py", "_build", "__pycache__"]

# Headings get the anchors that forges give them, so that one link works on both.
myst_heading_anchors = 4
myst_enable_extensions = ["alert", "colon_fence", "smartquotes"]

# Pages that lie beside what they describe: on the site they are pages as well, on a forge links lead to the files themselves.
PAGES_ELSEWHERE = {"../edge/models/README.md": "model-cards.md", "../systemd/firstboot/README.md": "first-boot.md"}

# A link to any other file of the repository becomes a copy that the site brings along. What cannot be found fails the build (-W).
nitpicky = True

html_theme = "furo"
html_title = "smart-bin-sorter"
html_logo = "logo.svg"
html_favicon = "logo.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "color-brand-primary": "#0f7a4f",
        "color-brand-content": "#0f7a4f",
        "color-brand-visited": "#4b6b5c",
        "font-stack": "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    },
    "dark_css_variables": {
        "color-brand-primary": "#3ec97a",
        "color-brand-content": "#3ec97a",
        "color-brand-visited": "#8fc9ab",
        "color-background-primary": "#0f141a",
        "color-background-secondary": "#141b23",
        "color-background-border": "#26303b",
    },
}
"""Furo follows the reader's system and has a switch for light and dark."""

copybutton_exclude = ".linenos, .gp, .go"


def setup(app: Sphinx) -> None:
    """Sphinx calls this once."""
    app.connect("source-read", _link_to_pages)


def _link_to_pages(app: Sphinx, name: str, source: list[str]) -> None:
    for path, page in PAGES_ELSEWHERE.items():
        source[0] = source[0].replace(f"]({path}", f"]({page}")
