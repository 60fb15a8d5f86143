"""Every calculator, and finding one by name."""

from __future__ import annotations

from clinical_assist.calculators import (
    body,
    chemistry,
    clots,
    heart,
    infection,
    intensive_care,
    kidney,
    liver,
    medicines,
    pregnancy,
    rhythm,
    severity,
)
from clinical_assist.calculators.types import Calculator, CalculatorError

CALCULATORS: dict[str, Calculator] = {
    one.name: one
    for module in (
        body,
        kidney,
        chemistry,
        heart,
        rhythm,
        clots,
        infection,
        liver,
        severity,
        intensive_care,
        pregnancy,
        medicines,
    )
    for one in module.CALCULATORS
}
_BY_ALIAS = {alias: one for one in CALCULATORS.values() for alias in one.aliases}


def find(name: str) -> Calculator:
    """Return the calculator of that name or alias, whatever the case.

    Raises:
        CalculatorError: there is none; the message lists those that there are.
    """
    wanted = name.strip().casefold()
    found = CALCULATORS.get(wanted.replace("-", "_").replace(" ", "_")) or _BY_ALIAS.get(wanted)
    if found is None:
        raise CalculatorError(f"There is no calculator {name!r}. There are: {', '.join(sorted(CALCULATORS))}.")
    return found
