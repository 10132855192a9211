"""compose.yaml and the Kubernetes manifests, checked without an engine: by schema, and against the service itself."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.service.auth.clients import read_clients
from cds_service.service.bounds import BODIES_IN_COMMON
from cds_service.service.settings import PREFIX, Settings, read_settings
from tests.service.wire import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
COMPOSE = ROOT / "compose.yaml"
NGINX = (ROOT / "deploy" / "nginx" / "cds.conf").read_text(encoding="utf-8")


def documents() -> list[tuple[str, dict[str, Any]]]:
    """Every manifest, with its file's name and kind."""
    return [
        (f"{path.name}: {document['kind']}", document)
        for path in sorted(KUBERNETES.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [document for _, document in documents() if document["kind"] == kind]


def pod() -> dict[str, Any]:
    found: dict[str, Any] = of_kind("Deployment")[0]["spec"]["template"]["spec"]
    return found


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return found


def settings_of(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What the service makes of these variables, and of no others."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return read_settings()


# --- Kubernetes


@pytest.mark.parametrize(("name", "document"), documents(), ids=[name for name, _ in documents()])
def test_every_manifest_keeps_to_its_schema(name: str, document: dict[str, Any]) -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


def test_the_schema_check_refuses_a_wrong_manifest() -> None:
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    deployment = of_kind("Deployment")[0]
    deployment["spec"]["replicas"] = "two"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, kubernetes_validate.latest_version(), strict=True)


def test_the_manifests_settings_are_those_of_a_production_service(monkeypatch: pytest.MonkeyPatch) -> None:
    given = of_kind("ConfigMap")[0]["data"] | of_kind("Secret")[0]["stringData"]
    settings = settings_of(given, monkeypatch)
    assert not settings.development
    assert settings.store_url.startswith("postgresql://")
    assert settings.notices == ()


def test_the_manifests_allowlist_can_be_read() -> None:
    assert read_clients(of_kind("ConfigMap")[1]["data"]["clients.yaml"], file="clients.yaml", development=False).all
    read_clients((ROOT / "deploy" / "clients.yaml").read_text(), file="clients.yaml", development=False)


def test_names_labels_and_mounts_fit_together() -> None:
    (container,) = pod()["containers"]
    names = {document["metadata"]["name"] for _, document in documents()}
    references = [next(iter(source.values()))["name"] for source in container["envFrom"]]
    volumes = {volume["name"]: volume for volume in pod()["volumes"]}
    assert set(references) <= names
    assert volumes["clients"]["configMap"]["name"] in names
    assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    labels = of_kind("Deployment")[0]["spec"]["template"]["metadata"]["labels"]
    assert of_kind("Service")[0]["spec"]["selector"] == labels
    assert of_kind("PodDisruptionBudget")[0]["spec"]["selector"]["matchLabels"] == labels
    ports = {port["name"] for port in container["ports"]}
    probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
    assert {probe["port"] for probe in probes} | {of_kind("Service")[0]["spec"]["ports"][0]["targetPort"]} == ports
    assert [probe["path"] for probe in probes] == ["/health/live", "/health/live", "/health/ready"]


def test_a_pod_has_time_to_finish_its_calls() -> None:
    drain = int(of_kind("ConfigMap")[0]["data"]["CDS_DRAIN_SECONDS"])
    before = int(pod()["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert pod()["terminationGracePeriodSeconds"] > drain + before


def test_a_pod_may_do_nothing_but_serve() -> None:
    (container,) = pod()["containers"]
    assert pod()["securityContext"]["runAsNonRoot"]
    assert not pod()["automountServiceAccountToken"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert {"requests", "limits"} == set(container["resources"])


def test_a_pod_has_the_memory_that_its_workers_are_said_to_need() -> None:
    settings = of_kind("ConfigMap")[0]["data"]
    clients = len(read_clients(of_kind("ConfigMap")[1]["data"]["clients.yaml"]).all)
    said = re.search(
        r"plan for (\d+) MB and (\d+) x \((\d+) \+ clients\) x (\d+) MiB a worker",
        " ".join((ROOT / "docs/operations.md").read_text(encoding="utf-8").split()),
    )
    assert said is not None
    rest, times, common, largest = map(int, said.groups())
    assert (common, largest << 20) == (BODIES_IN_COMMON, Settings.model_fields["max_body_bytes"].default)
    needed = int(settings["CDS_WORKERS"]) * (rest * 10**6 + times * (common + clients) * (largest << 20))
    limit = pod()["containers"][0]["resources"]["limits"]["memory"]
    assert limit.endswith("Gi")
    assert int(limit.removesuffix("Gi")) << 30 > needed


def test_what_is_for_operators_is_not_exposed() -> None:
    rules = of_kind("Ingress")[0]["spec"]["rules"]
    paths = {path["path"] for rule in rules for path in rule["http"]["paths"]}
    assert "/cds-services" in paths
    assert not any(operators.startswith(path) for operators in ("/metrics", "/admin", "/health") for path in paths)


def test_only_who_must_may_speak_with_a_pod() -> None:
    (policy,) = of_kind("NetworkPolicy")
    labels = of_kind("Deployment")[0]["spec"]["template"]["metadata"]["labels"]
    assert policy["spec"]["podSelector"]["matchLabels"] == labels
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert all(rule["from"] for rule in policy["spec"]["ingress"])
    assert {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]} == {53, 443, 5432}


# --- Images


PINNED = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")


def named_images() -> list[str]:
    """Every image that our files name, but for the one that compose builds itself."""
    files = [ROOT / "Dockerfile", COMPOSE, *sorted(KUBERNETES.glob("*.yaml"))]
    named = [re.findall(r"(?m)^(?:FROM|[\s-]+image:) +(\S+)", file.read_text(encoding="utf-8")) for file in files]
    return [image for images in named for image in images if image != "cds-service:1"]


def test_every_image_is_named_by_tag_and_digest_one_for_each_tag() -> None:
    images = named_images()
    assert [image for image in images if not PINNED.fullmatch(image)] == []
    assert {image.partition(":")[0] for image in images} == {
        "nginx",
        "postgres",
        "python",
        "registry.example.org/cds-service",
    }
    assert len({image.partition("@")[0] for image in images}) == len(set(images))


@pytest.mark.parametrize("image", ["nginx:1.30.5", f"nginx@sha256:{'0' * 64}", f"nginx:1@sha256:{'0' * 63}", "nginx"])
def test_an_image_without_tag_and_digest_is_reported(image: str) -> None:
    assert not PINNED.fullmatch(image)


# --- Compose


def test_compose_keeps_to_its_specification() -> None:
    compose_spec = pytest.importorskip("compose_spec")
    text = re.sub(
        r":[\w.-]+@sha256:", "@sha256:", COMPOSE.read_text(encoding="utf-8")
    )  # engines take both, the checker one
    found = compose_spec.PyCompose.from_yaml(text)
    found.validate()
    assert set(found.service_names()) == {"node-1", "node-2", "store", "proxy"}
    with pytest.raises(ValueError, match="restat"):
        compose_spec.PyCompose.from_yaml(text.replace("restart:", "restat:"))


def test_the_nodes_of_compose_start_in_production_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    example = dict(
        line.split("=", 1)
        for line in (ROOT / "deploy" / "example.env").read_text().splitlines()
        if line and not line.startswith("#")
    )
    asked = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text(encoding="utf-8")))
    assert asked == set(example)
    services = compose()["services"]
    assert services["node-1"] == services["node-2"]
    given = {
        name: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: example[found[1]], value)
        for name, value in services["node-1"]["environment"].items()
    }
    settings = settings_of(given, monkeypatch)
    assert not settings.development
    assert settings.notices == ()
    assert int(services["node-1"]["stop_grace_period"].rstrip("s")) > settings.drain_seconds


def test_every_file_that_compose_mounts_exists_and_every_network_is_named() -> None:
    described = compose()
    for service in described["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert (ROOT / source).is_file() if source.startswith(".") else source in described["volumes"]
        assert set(service["networks"]) <= set(described["networks"])
        assert set(service.get("depends_on", ())) <= set(described["services"])
    assert [name for name, service in described["services"].items() if "ports" in service] == ["proxy"]


def test_the_proxy_bounds_rate_body_and_time_and_knows_both_nodes() -> None:
    calls = re.search(r"location /cds-services \{(.*?)\}", NGINX, re.DOTALL)
    assert calls is not None
    assert "error timeout non_idempotent" in calls[1]
    assert NGINX.count("non_idempotent") == 1  # a form of a page is sent once
    assert "proxy_set_header      Cds-Call-Id $request_id" in NGINX
    for line in ("limit_req ", "limit_conn ", "client_max_body_size  16m", "client_body_timeout", "proxy_read_timeout"):
        assert line in NGINX
    assert set(re.findall(r"server (node-\d):8000;", NGINX)) == {"node-1", "node-2"}
    assert set(re.findall(r"server (node-\d):8000 backup max_fails=0;", NGINX)) == {"node-1", "node-2"}
    assert Settings.model_fields["max_body_bytes"].default == 16 * 1024 * 1024
    assert NGINX.count("{") == NGINX.count("}")


def test_the_proxy_ends_idle_connections_before_a_node_does() -> None:
    """Else a call meets a connection that just ends, and a POST is not sent again."""
    idle = re.search(r"keepalive_timeout (\d+)s;", NGINX)
    assert idle is not None
    assert int(idle[1]) < Settings.model_fields["header_seconds"].default


def test_the_deployment_holds_no_secret() -> None:
    for path in [COMPOSE, *(ROOT / "deploy").rglob("*")]:
        if path.is_file():
            found = re.findall(r"(?m)^\s*\w*(?:SECRET|PASSWORD)[:=] *(\S+)", Path(path).read_text(encoding="utf-8"))
            assert all(value.startswith(("replace-me", "${")) for value in found), path.name
