"""The text model that whoever sets an installation up chooses: the packaged one, or a file on this machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llmasos.accounts.setup import Choice, register_choice
from llmasos.inference import catalogue
from llmasos.inference.models import CatalogueEntry, ModelTask

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PACKAGED = "packaged"
FILE = "file"
# Every GGUF file begins so.
MAGIC = b"GGUF"
LONGEST_NAME = 100


def register() -> None:
    """Have the set-up page ask for the text model."""
    register_choice(
        Choice(
            key="model",
            label=gettext_lazy("Text model"),
            options=_options,
            apply=choose,
            other=FILE,
            other_label=gettext_lazy("Path of the model file"),
            other_help=gettext_lazy("For a model file of your own, such as “/srv/models/assistant.gguf”."),
            check=check_file,
        )
    )


def _options() -> list[tuple[str, StrOrPromise]]:
    return [
        (PACKAGED, gettext_lazy("SmolLM2 135M, which comes with LLMasOS (98 MB, quick on any processor)")),
        (FILE, gettext_lazy("A GGUF file on this machine")),
    ]


def check_file(text: str) -> None:
    """Return when a GGUF file that this process may read lies at the absolute path ``text``.

    Raises:
        ValidationError: it does not; the message says why.
    """
    path = Path(text)
    if not path.is_absolute():
        raise ValidationError(_("Give the whole path, beginning with “/”."))
    try:
        with path.open("rb") as file:
            begins = file.read(len(MAGIC))
    except FileNotFoundError:
        raise ValidationError(_("There is no file at this path on the machine that runs LLMasOS.")) from None
    except IsADirectoryError:
        raise ValidationError(_("This is a folder: give the path of the .gguf file in it.")) from None
    except (OSError, ValueError):
        raise ValidationError(_("This file cannot be read by the user that runs LLMasOS.")) from None
    if begins != MAGIC or path.suffix != ".gguf":
        raise ValidationError(_("This is not a GGUF file: its name ends in .gguf and its content begins with GGUF."))


def choose(answer: str) -> CatalogueEntry:
    """Make the packaged model, or the GGUF file at a path, the default for text; return its catalogue entry."""
    catalogue.ensure_defaults()
    if answer == PACKAGED:
        return catalogue.make_default(catalogue.DEFAULT_GENERATION)
    name = re.sub(r"[^a-z0-9.]+", "-", Path(answer).stem.lower()).strip("-.")[:LONGEST_NAME] or "text-model"
    if CatalogueEntry.objects.filter(name=name).exists():
        name = f"{name}-file"
    return catalogue.add(name=name, source=f"path:{answer}", task=ModelTask.GENERATE, default=True)
