"""The proxies in front: TLS, streams that are not held back, and headers that nobody else can set."""

from __future__ import annotations

import re
import sys

import pytest
import yaml
from uvicorn.middleware.proxy_headers import _TrustedHosts

from llmasos.runtime.body_limit import UPLOAD_BYTES
from tests.deploy.test_files import COMPOSE, run
from tests.deploy.test_processes import DEPLOY, PROCESSES, expected

NGINX = (DEPLOY / "nginx" / "llmasos.conf").read_text()
CADDY = (DEPLOY / "caddy" / "Caddyfile").read_text()
TLS = yaml.safe_load((DEPLOY / "compose.tls.yaml").read_text())
CUDA = yaml.safe_load((DEPLOY / "compose.cuda.yaml").read_text())


def directives(name: str) -> list[str]:
    """The values of a directive of nginx, wherever it stands."""
    return re.findall(rf"^\s*{re.escape(name)}\s+(.+);$", NGINX, re.MULTILINE)


def test_every_line_of_nginx_is_whole() -> None:
    lines = [line.split("#")[0].strip() for line in NGINX.splitlines()]
    assert [line for line in lines if line and line[-1] not in ";{}"] == []
    assert NGINX.count("{") == NGINX.count("}")


def test_nginx_passes_streams_on_as_they_come() -> None:
    assert directives("proxy_buffering") == ["off"]
    assert directives("proxy_http_version") == ["1.1"]
    assert set(directives("proxy_pass")) == {"http://llmasos"}


def test_nginx_says_itself_who_asks() -> None:
    headers = dict(value.split(maxsplit=1) for value in directives("proxy_set_header"))
    assert headers["X-Forwarded-For"] == "$remote_addr"
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["Host"] == "$host"
    # A location with a header of its own would lose all of these.
    assert NGINX.rindex("proxy_set_header") < NGINX.index("location")


def test_nginx_serves_https_alone_and_guards_the_metrics() -> None:
    assert directives("return") == ["301 https://$host$request_uri"]
    assert directives("ssl_protocols") == ["TLSv1.2 TLSv1.3"]
    guarded = NGINX[NGINX.index("location = /metrics") :]
    assert "deny all;" in guarded


@pytest.mark.parametrize("megabytes", [*directives("client_max_body_size"), *re.findall(r"max_size (\S+)", CADDY)])
def test_uploads_fit_through(megabytes: str) -> None:
    assert int(megabytes.removesuffix("m").removesuffix("MiB")) * 1024 * 1024 > UPLOAD_BYTES


@pytest.mark.parametrize("name", ["compose.tls.yaml", "compose.cuda.yaml"])
def test_additions_to_compose_follow_the_schema(name: str) -> None:
    done = run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", f"deploy/{name}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_caddy_passes_streams_on_to_the_web_service() -> None:
    assert "reverse_proxy web:8000" in CADDY
    assert "flush_interval -1" in CADDY
    assert "trusted_proxies" not in CADDY
    names = set(re.findall(r"\{\$(\w+)", CADDY))
    assert names == set(TLS["services"]["caddy"]["environment"])


def test_caddy_is_believed_and_nobody_else() -> None:
    address = TLS["services"]["caddy"]["networks"]["edge"]["ipv4_address"]
    trusted = _TrustedHosts(TLS["services"]["web"]["environment"]["FORWARDED_ALLOW_IPS"])
    assert address in trusted
    assert "172.30.250.3" not in trusted
    assert {*TLS["services"]["web"]["networks"]} == {*COMPOSE["services"]["web"]["networks"], "edge"}


def test_caddy_is_confined_and_its_files_exist() -> None:
    caddy = TLS["services"]["caddy"]
    assert caddy["cap_drop"] == ["ALL"]
    assert caddy["cap_add"] == ["NET_BIND_SERVICE"]
    assert caddy["read_only"] is True
    for volume in caddy["volumes"]:
        source = volume.split(":")[0]
        assert source in TLS["volumes"] or (DEPLOY / source).exists()


def test_every_process_of_compose_learns_the_card() -> None:
    assert set(CUDA["services"]) == set(PROCESSES)
    assert all(service["environment"] == {"LLMASOS_GENERATE_DEVICE": "cuda"} for service in CUDA["services"].values())
    arguments, _ = expected("models-generate", host="", schedule="")
    arguments[arguments.index("--queues") + 1] = "models.generate.cuda"
    generate = CUDA["services"]["models-generate"]
    assert generate["command"] == ["python", *arguments]
    assert generate["build"]["args"] == {"LLMASOS_TORCH": "cuda"}
    assert "nvidia-" in (DEPLOY.parent / "requirements-cuda.lock").read_text()
