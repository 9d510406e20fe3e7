"""What every page of prefq is made with: its templates, the escaping of what comes from the data, its policy's hashes.

Every value that reaches a page is escaped, and its invisible characters are replaced by readable ones; the content
security policy allows the style sheet and the scripts by their hashes, and nothing else.
"""

import base64
import hashlib
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from prefq.report import numbers
from prefq.report.text import visible


def template_text(name: str) -> str:
    """A template, style sheet or script as it stands."""
    return resources.files("prefq.report").joinpath("templates", name).read_text(encoding="utf-8")


def trusted(text: str) -> Markup:
    """Text of our own making, or made safe by the caller, that is printed as it stands."""
    return Markup(text)  # noqa: S704


def content_hash(text: str) -> str:
    """The `sha256-…` source expression that a content security policy knows an inline style or script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def inlined(style: str, *scripts: str) -> dict[str, Any]:
    """A page's style sheet and scripts, and their hashes for its policy, by the names that templates know them by."""
    return {
        "style": trusted(style),
        "scripts": [trusted(script) for script in scripts],
        "style_hash": trusted(content_hash(style)),
        "script_hashes": trusted(" ".join(f"'{content_hash(script)}'" for script in scripts)),
    }


def environment(**filters: Any) -> jinja2.Environment:
    """Templates that escape all they print, with the filters of every page and these."""
    env = jinja2.Environment(
        loader=jinja2.FunctionLoader(template_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        count=numbers.count,
        share=numbers.share,
        ratio=numbers.ratio,
        interval=numbers.interval,
        plural=numbers.plural,
        **filters,
    )
    return env


def _printed(value: Any) -> Any:
    """What the template prints: strings from the data with their invisible characters made readable."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
