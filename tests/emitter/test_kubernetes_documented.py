from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import house
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.settings import OUR_KEYS, Settings, settings_from
from riverhead_emitter.verbs import drain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = (house.ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
PODS = [yaml.safe_load(found) for found in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]


def values_of(container: dict[str, Any]) -> dict[str, str]:
    """Return the environment of a container, with something in the place of its secrets."""
    return {entry["name"]: entry.get("value", "a-secret") for entry in container["env"]}


def containers_of(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def settings_of(container: dict[str, Any]) -> Settings:
    return settings_from({"HOME": "/home/job", **values_of(container)})


@pytest.mark.parametrize("pod", PODS, ids=lambda pod: pod["metadata"]["name"])
def test_every_setting_of_a_pod_exists_and_can_be_read(pod: dict[str, Any]) -> None:
    for container in containers_of(pod):
        ours = {name for name in values_of(container) if name.startswith("RIVERHEAD_")}

        assert ours <= OUR_KEYS.keys()
        assert settings_of(container).sinks


def test_the_sidecar_looks_where_the_host_writes_as_the_same_user() -> None:
    pod = PODS[0]["spec"]
    sidecar, host = containers_of(PODS[0])
    (volume,) = pod["volumes"]

    assert settings_of(sidecar).spool_root == settings_of(host).spool_root
    assert settings_of(sidecar).destination == settings_of(host).destination
    for container in (sidecar, host):
        (mount,) = container["volumeMounts"]
        assert (mount["name"], mount["mountPath"]) == (volume["name"], values_of(container)["RIVERHEAD_SPOOL_DIR"])
        assert {"runAsUser", "runAsGroup"} & container.get("securityContext", {}).keys() == set()
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]
    assert sidecar["restartPolicy"] == "Always"
    assert not settings_of(host).start_drainer
    assert 3 * settings_of(sidecar).timeout_seconds < pod["terminationGracePeriodSeconds"]
    assert settings_of(host).largest_spool_bytes < 2 << 30 == _bytes(volume["emptyDir"]["sizeLimit"])


def _bytes(text: str) -> int:
    return int(text.removesuffix("Gi")) << 30


def test_the_sidecars_command_is_one() -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    drain.arguments(parser)
    command = containers_of(PODS[0])[0]["command"]

    assert command[:2] == ["riverhead", "drain"]
    assert parser.parse_args(command[2:]).follow


def test_the_pod_without_a_sidecar_drains_before_it_ends() -> None:
    (host,) = containers_of(PODS[1])

    assert settings_of(host).is_ephemeral
    assert values_of(host)["RIVERHEAD_SPOOL_DIR"].startswith("/tmp/")  # noqa: S108 - a place in a pod
    assert PODS[1]["spec"]["securityContext"]["runAsUser"]


def test_a_volume_that_belongs_to_a_group_holds_a_spool_of_one_user_alone(
    tmp_path: Path, event: Callable[..., dict[str, Any]]
) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    volume.chmod(0o2777)  # as an emptyDir with an fsGroup is
    emitter = Emitter(settings_from({"RIVERHEAD_SPOOL_DIR": str(volume)}))

    assert emitter.emit(event("one"))
    emitter.close()
    assert emitter.directory.stat().st_mode & 0o777 == 0o700
    assert emitter.directory.parent.stat().st_mode & 0o777 == 0o700
