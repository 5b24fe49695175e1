"""Reports as one self-contained HTML file: pictures and figures embedded, no script."""

import base64
import io
import re
from pathlib import Path
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from train.fonts import without_glyph_warnings

INK = "#0b0c0d"
"""Colour in a figure that becomes the page's text colour, light or dark. For texts without a colour of their own."""
COLOURS = ("#3b82c4", "#e08a3c", "#4aa37a", "#c75d7a", "#8f78c9", "#a5973f", "#5fa8b8", "#9a7b66")
"""For bars and lines; readable on a light and on a dark page."""

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,  # file names are untrusted
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters["percent"] = lambda share, digits=1: f"{100 * share:.{digits}f} %"


def render(template_name: str, **values: Any) -> str:
    """Render ``train/pages/<template_name>``. Texts are escaped; ``Markup`` (as from ``figure_svg``) is not."""
    return _PAGES.get_template(template_name).render(**values)


def figure_svg(figure: Figure, title: str = "") -> Markup:
    """A figure as inline SVG in the page's font, its axes in the page's text colour, its background transparent.

    Texts inside the axes keep their colour; give them ``color=INK`` where they lie on the page's background.

    Args:
        figure: a ``Figure(figsize=(width, height), layout="constrained")``; 9 inches fill the page's width.
        title: description for screen readers.
    """
    _ink(figure)
    text = io.StringIO()
    # A fixed salt makes the bytes reproducible.
    with without_glyph_warnings(), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "sorter"}):
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)  # every figure has an "axes_1", but an id must be unique on a page
    svg = re.sub(r"font-family: [^;\"]*; ?", "", svg)  # the page sets the font
    svg = re.sub(r'<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>', _svg_open, svg, count=1)
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{Markup.escape(title)}" ', 1))


def picture_uri(rgb: NDArray[np.uint8], quality: int = 75) -> str:
    """A picture as a ``data:`` address for ``<img src>``.

    Args:
        rgb: uint8 (height, width, 3).
        quality: of the JPEG, 1 to 100.

    Raises:
        ValueError: the picture cannot be encoded.
    """
    done, content = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"picture of shape {rgb.shape} and type {rgb.dtype} cannot be encoded as JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(content.tobytes()).decode()


def _svg_open(match: re.Match[str]) -> str:
    width, height = match.groups()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" style="width:100%;max-width:{float(width) * 1.5:.0f}px">'
    )


def _ink(figure: Figure) -> None:
    """Axes, ticks, titles and legends in ``INK``."""
    for text in figure.texts:
        text.set_color(INK)
    for axes in figure.axes:
        axes.tick_params(which="both", colors=INK)
        for label in (axes.title, axes.xaxis.label, axes.yaxis.label):
            label.set_color(INK)
        for spine in axes.spines.values():
            spine.set_edgecolor(INK)
        legend = axes.get_legend()
        if legend is not None:
            legend.get_frame().set_alpha(0)
            for text in legend.get_texts():
                text.set_color(INK)
