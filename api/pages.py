"""Pages for managers, tuners and admins: Jinja with GOV.UK Frontend's macros.

A template extends `govuk_base.html` and may import any macro of `govuk_frontend_jinja/components/.../macro.html`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """The shared environment; GOV.UK's macros read options that were not given, so undefined is chainable."""
    loader = ChoiceLoader(
        [
            FileSystemLoader(TEMPLATES),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    return Environment(loader=loader, autoescape=True, undefined=ChainableUndefined, trim_blocks=True)


def page(template: str, status: int = 200, **context: object) -> HTMLResponse:
    """The page of `template` (a path in api/templates). Give `person` to show the sign-out button."""
    return HTMLResponse(environment().get_template(template).render(**context), status_code=status)
