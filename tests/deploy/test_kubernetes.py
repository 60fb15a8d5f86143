"""The manifests for Kubernetes: the same processes, confined, with the settings that the code reads."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.urls import resolve

from llmasos.inference.publishing import queue_of
from llmasos.runtime import components
from llmasos.runtime.components import SIGNING_WORKER
from tests.deploy.rendering import KUBERNETES, Manifest, containers, documents, one, pod, rendered
from tests.deploy.test_files import run
from tests.deploy.test_processes import DEPLOY, PROCESSES, compose_services, expected
from tests.services import ROOT

OVERLAYS = {name: rendered(KUBERNETES / "overlays" / name) for name in ("cpu", "cuda")}
STARTING = ("Deployment", "Job")
# A literal of the sources, the names made for each engine, and the web server's own.
READ = {
    *re.findall(r'"([A-Z][A-Z0-9_]+)"', "".join(path.read_text() for path in (ROOT / "platform").rglob("*.py"))),
    "LLMASOS_EMBED_DEVICE",
    "LLMASOS_GENERATE_DEVICE",
    "FORWARDED_ALLOW_IPS",
}

every_overlay = pytest.mark.parametrize("overlay", sorted(OVERLAYS))


def platform(overlay: str, name: str) -> Manifest:
    """The container of a process, as an overlay starts it."""
    (container,) = pod(one(OVERLAYS[overlay], "Deployment", name))["containers"]
    return dict(container)


def settings_of(overlay: str) -> dict[str, str]:
    data: dict[str, str] = one(OVERLAYS[overlay], "ConfigMap", "settings")["data"]
    return data


def starting(overlay: str) -> list[Manifest]:
    return [manifest for manifest in OVERLAYS[overlay] if manifest["kind"] in STARTING]


@every_overlay
@pytest.mark.parametrize("name", PROCESSES)
def test_kubernetes_starts_the_same_process(overlay: str, name: str) -> None:
    container = platform(overlay, name)
    arguments, engine = expected(name, host="0.0.0.0", schedule="/data/run/beat-schedule")
    if (overlay, name) == ("cuda", "models-generate"):
        arguments[arguments.index("--queues") + 1] = "models.generate.cuda"
    assert container["command"] == ["python", *arguments]
    assert {entry["name"]: entry["value"] for entry in container.get("env", [])}.get("LLMASOS_ENGINE") == engine


@every_overlay
def test_nothing_more_is_started(overlay: str) -> None:
    assert {manifest["metadata"]["name"] for manifest in starting(overlay)} == {*PROCESSES, "prepare"}
    (prepare,) = containers(one(OVERLAYS[overlay], "Job", "prepare"))
    assert prepare["command"] == compose_services()["prepare"]["command"]


def test_the_device_that_all_processes_know_names_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMASOS_GENERATE_DEVICE", settings_of("cuda")["LLMASOS_GENERATE_DEVICE"])
    read = platform("cuda", "models-generate")["command"]
    assert read[read.index("--queues") + 1] == queue_of("generate") == components.models_queue("generate")
    assert components.models_queue("embed") == queue_of("embed") == "models.embed.cpu"


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
@every_overlay
def test_kubectl_renders_the_same(overlay: str) -> None:
    done = run("kubectl", "kustomize", f"deploy/kubernetes/overlays/{overlay}")
    assert done.returncode == 0, done.stderr
    # The generated map carries a digest in its name, and everything its namespace.
    text = re.sub(r"\bsettings-[a-z0-9]{10}\b", "settings", done.stdout)
    theirs = {(found["kind"], found["metadata"]["name"]): found for found in yaml.safe_load_all(text)}
    ours = {(found["kind"], found["metadata"]["name"]): found for found in OVERLAYS[overlay]}
    assert set(theirs) == set(ours)
    for key, manifest in ours.items():
        assert _unordered(theirs[key].get("spec")) == _unordered(manifest.get("spec")), key
        assert theirs[key].get("data") == manifest.get("data"), key


def _unordered(value: Any) -> Any:
    """Lists that are merged by name come out in an order of their own."""
    if isinstance(value, dict):
        return {key: _unordered(inner) for key, inner in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return sorted((_unordered(inner) for inner in value), key=lambda entry: json.dumps(entry, sort_keys=True))
    return value


@every_overlay
def test_every_pod_runs_confined_and_without_root(overlay: str) -> None:
    for manifest in starting(overlay):
        spec = pod(manifest)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in containers(manifest):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["requests"]["memory"]
            assert container["resources"]["limits"]["memory"]
    namespace = one(OVERLAYS[overlay], "Namespace", "llmasos")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@every_overlay
def test_images_carry_the_release(overlay: str) -> None:
    release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    used = {container["image"] for manifest in starting(overlay) for container in containers(manifest)}
    assert used == {f"llmasos:{release}"} | ({f"llmasos-cuda:{release}"} if overlay == "cuda" else set())


@every_overlay
def test_every_variable_is_read_by_the_code(overlay: str) -> None:
    names = {entry["name"] for each in starting(overlay) for part in containers(each) for entry in part.get("env", [])}
    for name in {*settings_of(overlay), *names}:
        assert name.removesuffix("_FILE") in READ, name


def test_secrets_are_files_that_are_mounted() -> None:
    made = set(re.findall(r'"(\w+)":', (DEPLOY / "make_secrets.py").read_text()))
    for manifest in starting("cpu"):
        secrets = {volume["name"] for volume in pod(manifest)["volumes"] if "secret" in volume}
        for container in containers(manifest):
            mounted = [mount for mount in container["volumeMounts"] if mount["name"] in secrets]
            assert all(mount["readOnly"] for mount in mounted)
            assert container["envFrom"][0] == {"configMapRef": {"name": "settings"}}
            own = {entry["name"]: entry["value"] for entry in container.get("env", [])}
            for name, value in (settings_of("cpu") | own).items():
                assert not re.search(r"PASSWORD$|SECRET_KEY$|_KEYS$|_URL$|_TOKEN$", name), name
                if name.endswith("_FILE"):
                    folder, _, file = value.rpartition("/")
                    assert folder in {mount["mountPath"] for mount in mounted}
                    assert file in made


def test_only_the_job_that_migrates_has_the_owners_address() -> None:
    holders = {manifest["metadata"]["name"] for manifest in starting("cpu") if "llmasos-owner" in str(manifest)}
    assert holders == {"prepare"}


def test_only_the_signing_worker_has_its_key_and_its_secret() -> None:
    for word in ("checkpoint-keys", "llmasos-checkpoints"):
        holders = {manifest["metadata"]["name"] for manifest in starting("cpu") if word in str(pod(manifest))}
        assert holders == {SIGNING_WORKER}
    variables = {entry["name"]: entry["value"] for entry in platform("cpu", SIGNING_WORKER)["env"]}
    assert variables["LLMASOS_CHECKPOINT_KEY_FOLDER"].startswith("/checkpoint-keys/")


@pytest.mark.parametrize("name", ["beat", SIGNING_WORKER])
def test_what_is_single_by_design_is_never_started_twice(name: str) -> None:
    for overlay in OVERLAYS.values():
        spec = one(overlay, "Deployment", name)["spec"]
        assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
        assert name not in {found["spec"]["scaleTargetRef"]["name"] for found in overlay if "Scale" in found["kind"]}


@pytest.mark.django_db
def test_a_release_waits_by_a_command_that_the_serving_role_may_run() -> None:
    first = pod(one(OVERLAYS["cpu"], "Deployment", "web"))["initContainers"][0]
    assert first["command"] == ["sh", "-c", "until python manage.py migrate --check; do sleep 5; done"]
    # It exits with 1 while a migration is missing; here all are applied.
    call_command("migrate", "--check", verbosity=0)


@every_overlay
@pytest.mark.parametrize("name", PROCESSES)
def test_every_process_is_probed_where_it_answers(overlay: str, name: str) -> None:
    container = platform(overlay, name)
    probes = {kind: probe for kind, probe in container.items() if kind.endswith("Probe")}
    assert "livenessProbe" in probes
    for probe in probes.values():
        if "httpGet" in probe:
            assert resolve(probe["httpGet"]["path"]).view_name == "runtime:live"
            assert probe["httpGet"]["port"] in {port["name"] for port in container["ports"]}
            hosts = [header["value"] for header in probe["httpGet"]["httpHeaders"] if header["name"] == "Host"]
            assert set(hosts) <= set(settings_of(overlay)["LLMASOS_HOSTS"].split(","))
        elif name != "beat":
            assert f'--destination "{name}@$HOSTNAME"' in probe["exec"]["command"][2]


def test_the_site_has_one_name_and_a_certificate() -> None:
    ingress = one(OVERLAYS["cpu"], "Ingress", "web")
    (host,) = {rule["host"] for rule in ingress["spec"]["rules"]}
    assert ingress["spec"]["tls"][0]["hosts"] == [host]
    assert host in settings_of("cpu")["LLMASOS_HOSTS"].split(",")
    assert settings_of("cpu")["LLMASOS_ORIGINS"] == f"https://{host}"
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-buffering"] == "off"


def test_threads_of_models_are_the_processors_that_they_may_use() -> None:
    for name in ("models-embed", "models-generate"):
        container = platform("cpu", name)
        threads = {entry["name"]: entry["value"] for entry in container["env"]}["LLMASOS_MODEL_THREADS"]
        assert threads == container["resources"]["limits"]["cpu"]


def test_the_card_goes_to_text_generation() -> None:
    holders = {name for name in PROCESSES if "nvidia.com/gpu" in platform("cuda", name).get("resources", {})["limits"]}
    assert holders == {"models-generate"}


@every_overlay
def test_selectors_choose_the_pods_of_their_name(overlay: str) -> None:
    for manifest in OVERLAYS[overlay]:
        name = manifest["metadata"]["name"]
        wanted = {"app.kubernetes.io/name": "llmasos", "app.kubernetes.io/component": name}
        if manifest["kind"] == "Deployment":
            assert manifest["spec"]["selector"]["matchLabels"] == wanted
            assert manifest["spec"]["template"]["metadata"]["labels"] == wanted
        elif manifest["kind"] == "PodDisruptionBudget":
            assert manifest["spec"]["selector"]["matchLabels"] == wanted
            assert name in PROCESSES
        elif manifest["kind"] in ("HorizontalPodAutoscaler", "ScaledObject"):
            assert manifest["spec"]["scaleTargetRef"]["name"] == name
            assert "replicas" not in one(OVERLAYS[overlay], "Deployment", name)["spec"]


def test_models_have_no_way_out_and_only_the_web_server_is_reached() -> None:
    found = [manifest for manifest in OVERLAYS["cpu"] if manifest["kind"] == "NetworkPolicy"]
    policies = {manifest["metadata"]["name"]: manifest["spec"] for manifest in found}
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (chosen,) = [
        rule["values"]
        for rule in policies["outside"]["podSelector"]["matchExpressions"]
        if rule["key"] == "app.kubernetes.io/component"
    ]
    assert set(chosen) <= {*PROCESSES, "prepare"}
    assert not [name for name in chosen if name.startswith("models-")]
    assert [name for name, spec in policies.items() if "ingress" in spec] == ["web"]


def test_every_manifest_is_used_and_clean_yaml() -> None:
    listed: set[Path] = set()
    for rules in KUBERNETES.rglob("kustomization.yaml"):
        content = yaml.safe_load(rules.read_text())
        names = [*content.get("resources", []), *(patch.get("path") for patch in content.get("patches", []))]
        listed |= {rules.parent / name for name in names if name and name.endswith(".yaml")}
    assert listed == {path for path in KUBERNETES.rglob("*.yaml") if path.name != "kustomization.yaml"}
    assert all(document for path in listed for document in documents(path))
