from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.principals import Principal
from llmasos.audit.types import PLATFORM
from llmasos.console.access import OperatorRequest, operator_in, operator_view
from llmasos.console.live import fragments, live_page
from llmasos.console.regions import Region, digests_held, region
from llmasos.inference import operating
from llmasos.inference.errors import InferenceError
from llmasos.inference.models import CatalogueEntry
from llmasos.inference.queries import engines, model_states

Act = Callable[[Principal, str], CatalogueEntry]
# Each act with its opposite is its own way back.
ACTS: dict[str, tuple[Act, object]] = {
    "warm": (operating.warm, gettext_lazy("The workers are asked to load the model: its line shows when they have.")),
    "pin": (operating.pin, gettext_lazy("The model stays loaded.")),
    "unpin": (operating.unpin, gettext_lazy("The model may be unloaded when room is needed.")),
    "drain": (operating.drain, gettext_lazy("The model takes no new requests; those that run go on to their end.")),
    "resume": (operating.resume, gettext_lazy("The model takes requests again.")),
    "default": (operating.set_default, gettext_lazy("The model is used where none is named for its task.")),
}


@require_safe
@operator_view
def models(request: OperatorRequest) -> HttpResponse:
    """Show an operator the models, where each is loaded and how much memory it takes."""
    return live_page(request, "console/models.html", _regions(), live=reverse("console:models_live"))


@require_safe
@operator_view
def models_live(request: OperatorRequest) -> HttpResponse:
    """Answer with what changed among the models."""
    return fragments(request, _regions())


@require_POST
@operator_view
def act(request: OperatorRequest, name: str, what: str) -> HttpResponse:
    """Do one thing to a model."""
    if what not in ACTS:
        raise Http404
    change, done = ACTS[what]
    try:
        change(operator_in(request, PLATFORM), name)
    except InferenceError as error:
        messages.error(request, _("That could not be done: %(reason)s.") % {"reason": error})
    else:
        messages.success(request, str(done))
    return redirect("console:models")


def _regions() -> list[Region]:
    workers = engines()
    held = digests_held(workers)
    states = [(state, held.get(state.view.name) or state.view.digest) for state in model_states(workers)]
    return [region("model_workers", {"workers": workers}), region("model_states", {"states": states})]
