"""Templates to text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from policyc.powershell.literals import literal

if TYPE_CHECKING:
    from jinja2 import Environment


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Imported here: `validate` writes no script and needn't load jinja2.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    # What is rendered is a script, not HTML; values of policies go through `literal`.
    environment = Environment(
        loader=PackageLoader("policyc.powershell"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["literal"] = literal
    return environment


def render(template: str, **values: object) -> str:
    """The text of `templates/<template>` with these values, line ends as in the template (LF).

    Raises `jinja2.UndefinedError` where the template names a value that isn't given.
    """
    return _environment().get_template(template).render(**values)
