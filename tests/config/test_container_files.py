"""The files for containers say what the product has: variables, modules, versions."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "kubernetes.md"
#: Kubernetes asks for no setting of its own, compose for these.
OF_COMPOSE = {"POSTGRES_USER", "POSTGRES_PASSWORD", "PUBLISHED"}


class Loader(yaml.SafeLoader):
    """Reads compose's own tags as the values they stand before."""


def _sequence(loader: Loader, node: yaml.SequenceNode) -> list[Any]:
    return list(loader.construct_sequence(node))


Loader.add_constructor("!override", _sequence)


def compose(name: str = "compose.yaml") -> dict[str, Any]:
    return dict(yaml.load((ROOT / name).read_text(), Loader))


def manifests() -> list[dict[str, Any]]:
    """Every object on the page for Kubernetes."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [found for block in blocks for found in yaml.safe_load_all(block)]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for found in manifests():
        if "template" in found.get("spec", {}):
            yield found["metadata"]["name"], found["spec"]["template"]["spec"]


def known_settings() -> set[str]:
    return set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def first_admin() -> set[str]:
    source = (ROOT / "organizations/management/commands/first_admin.py").read_text()
    return set(re.findall(r"FIRST_ADMIN_[A-Z_]+", source))


def modules(command: list[str]) -> str:
    """The module of a command like `python -m module ...`."""
    assert command[:2] == ["python", "-m"], command
    return command[2]


def test_compose_runs_modules_that_exist() -> None:
    own = [service for service in compose()["services"].values() if service.get("image") == "panelist"]
    assert {modules(service["command"]) for service in own} == {"config.supervisor", "config.web", "celery"}
    assert all(importlib.util.find_spec(modules(service["command"])) for service in own)


def test_compose_sets_only_settings_that_exist() -> None:
    text = (ROOT / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{([A-Z_]+)", text)) | set(compose()["x-panelist"]["environment"])
    assert asked - OF_COMPOSE <= known_settings()


def test_what_compose_runs_can_write_nowhere_and_has_no_rights() -> None:
    for name, service in compose()["services"].items():
        if service.get("image") == "panelist":
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert "privileged" not in service and "user" not in service, name


def test_only_the_proxy_is_reached_from_outside() -> None:
    services = compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert set(compose("compose.https.yaml")["services"]) == {"proxy"}


def test_there_is_one_beat() -> None:
    assert "deploy" not in compose()["services"]["beat"]
    [beat] = [found for found in manifests() if found["metadata"]["name"] == "panelist-beat"]
    assert beat["spec"]["replicas"] == 1
    assert beat["spec"]["strategy"] == {"type": "Recreate"}  # never two, also for a moment


def test_networks_and_trusted_proxies_are_the_same() -> None:
    [network] = compose()["networks"]["default"]["ipam"]["config"]
    assert network["subnet"] in compose()["x-panelist"]["environment"]["TRUSTED_PROXIES"]
    assert network["subnet"] in (ROOT / "docs" / "containers.md").read_text()


@pytest.mark.parametrize(("name", "pod"), list(pods()))
def test_pods_run_what_compose_runs(name: str, pod: dict[str, Any]) -> None:
    [container] = pod["containers"]
    assert container["command"] == compose()["services"][name.removeprefix("panelist-")]["command"]
    security = container["securityContext"]
    assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}


def test_every_pod_is_there() -> None:
    assert {name for name, _pod in pods()} == {
        f"panelist-{name}" for name, service in compose()["services"].items() if service.get("image") == "panelist"
    }


def test_kubernetes_sets_only_settings_that_exist() -> None:
    [settings] = [found["data"] for found in manifests() if found["kind"] == "ConfigMap"]
    secrets = set(re.findall(r"--from-literal=([A-Z_]+)=", PAGE.read_text()))
    assert set(settings) | secrets <= known_settings() | first_admin()


def test_the_image_takes_the_makefiles_uv() -> None:
    version = re.compile(r"uv==([\d.]+)")
    assert version.findall((ROOT / "Dockerfile").read_text()) == version.findall((ROOT / "Makefile").read_text())


def test_the_image_gets_no_secrets_and_no_history() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert not kept & {".env", ".git", "var", "tests", "benchmarks"}
    assert {name for name in kept if not (ROOT / name).exists()} == set()
