"""The image without a container engine: the Dockerfile's own steps in a clean folder, run as compose.yaml runs them."""

import fnmatch
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.doubles.imap_servers import HOST, free_port
from tests.serving.conftest import within

NOBODY = 65534
# Somebody who may read everything (the interpreter may lie in root's home) and write only what is his own.
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
AS_NOBODY += ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


@dataclass
class Stage:
    """One `FROM` and what follows: instructions in order, each with its text."""

    steps: list[tuple[str, str]] = field(default_factory=list)

    def of(self, instruction: str) -> list[str]:
        """The texts of one kind of instruction."""
        return [text for kind, text in self.steps if kind == instruction]

    def environment(self) -> dict[str, str]:
        """What ENV sets."""
        return dict(word.split("=", 1) for text in self.of("ENV") for word in shlex.split(text))


def stages() -> list[Stage]:
    """The Dockerfile."""
    found: list[Stage] = []
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "FROM":
            found.append(Stage())
        elif kind:
            found[-1].steps.append((kind, rest))
    return found


def allowed(source: str) -> bool:
    """Whether .dockerignore lets a file or folder into the build."""
    verdict = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if fnmatch.fnmatch(source, line.lstrip("!")):
            verdict = line.startswith("!")
    return verdict


@pytest.fixture
def clean() -> Iterator[Path]:
    """A folder that others may read."""
    folder = Path(tempfile.mkdtemp(prefix="creditdesk-image-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_what_the_image_takes_is_there_and_no_more() -> None:
    """Each source that is copied exists and is let in; secrets and data of the folder are not."""
    build, last = stages()
    sources = [word for text in build.of("COPY") for word in shlex.split(text)[:-1]]
    assert len(sources) >= 10
    assert [one for one in sources if not (ROOT / one).exists() or not allowed(one)] == []
    assert not any(allowed(one) for one in ("secrets", "desk.yaml", ".git", ".venv", "tests"))
    assert last.of("USER") == ["10001"]
    assert last.of("HEALTHCHECK")


def test_compose_names_only_what_exists() -> None:
    """Each secret and volume that a service uses is declared, and our containers cannot write but where they may."""
    for name, service in COMPOSE["services"].items():
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"]), name
        files = {value for key, value in service["environment"].items() if key.endswith("_FILE")}
        wanted = {f"/run/secrets/{one}" for one in service.get("secrets", [])}
        assert {one for one in files if one.startswith("/run/secrets/")} == wanted, name
        named = {mount.split(":")[0] for mount in service["volumes"] if not mount.startswith("./")}
        assert named <= set(COMPOSE["volumes"]), name
        if service.get("image") == "creditdesk":
            assert service["read_only"], name
            assert (Path(sys.executable).with_name(service.get("entrypoint", ["creditdesk"])[0])).exists(), name


def built(clean: Path) -> Path:
    """The first stage's steps; gives the environment that the second stage copies."""
    build = stages()[0]
    work, desk = clean / "build", clean / "desk"
    work.mkdir()
    places = {"/opt/desk": str(desk), "/tmp/data": str(clean / "data"), "/tmp/mail.eml": str(clean / "mail.eml")}
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("CREDITDESK_", "PYTHON"))}
    for kind, text in build.steps:
        if kind == "COPY":
            *sources, target = shlex.split(text)
            for source in sources:
                copy = work / (target if len(sources) == 1 else source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, copy)
        elif kind == "RUN":
            for old, new in places.items():
                text = text.replace(old, new)
            text = text.replace("python -m venv", f"{sys.executable} -m venv")
            done = subprocess.run(
                ["/bin/sh", "-c", text], cwd=work, env=bare | build.environment(), capture_output=True, text=True
            )
            assert done.returncode == 0, f"{text}: {done.stderr[-1500:]}"
    return desk


def environment_of(clean: Path, desk: Path, port: int) -> dict[str, str]:
    """What the container would have: ENV of the image and compose.yaml, with nothing set from outside."""
    secrets, data = clean / "secrets", clean / "home"
    for folder in (secrets, data):
        folder.mkdir()
    for name in COMPOSE["secrets"]:
        (secrets / name).write_text(f"sqlite:///{data}/desk.db\n" if name == "database_url" else "")
    shutil.copy(ROOT / "config" / "desk.yaml", clean / "desk.yaml")
    given = {key: str(value) for key, value in COMPOSE["services"]["desk"]["environment"].items()}
    given = {key: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for key, value in given.items()}
    given = stages()[1].environment() | given
    places = {"/run/secrets": str(secrets), "/etc/creditdesk": str(clean), "/opt/desk": str(desk)}
    for old, new in places.items():
        given = {key: value.replace(old, new) for key, value in given.items()}
    del given["CREDITDESK_CHROMA_URL"]  # no such server here: tests/knowledge/test_chroma_server.py
    given["PATH"] = f"{desk}/bin:/usr/bin:/bin"
    ours = {"CREDITDESK_DATA_DIR": str(data), "CREDITDESK_HTTP__HOST": HOST, "CREDITDESK_HTTP__PORT": str(port)}
    return given | ours | {"MPLCONFIGDIR": str(data), "HOME": str(data)}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_steps_of_the_image_in_a_clean_folder(clean: Path) -> None:
    """Built with the lock file, run by somebody who may write the data folder only: healthy, and ends cleanly."""
    if os.geteuid() != 0:
        pytest.skip("only root can run it as somebody else")
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv (util-linux) is not installed")
    port, desk = free_port(), built(clean)
    environment = environment_of(clean, desk, port)
    home = Path(environment["CREDITDESK_DATA_DIR"])
    shutil.chown(home, NOBODY, NOBODY)
    last = stages()[1]
    program = [*AS_NOBODY, str(desk / "bin" / "creditdesk"), "serve"]
    with (clean / "log").open("wb") as log:
        running = subprocess.Popen(program, env=environment, cwd=home, stdout=log, stderr=log)
    try:
        check = last.of("HEALTHCHECK")[0].partition("CMD ")[2].replace("8080", str(port))

        def healthy() -> bool:
            assert running.poll() is None, (clean / "log").read_text()[-2000:]
            asked = subprocess.run([*AS_NOBODY, *yaml.safe_load(check)], env=environment, capture_output=True)
            return asked.returncode == 0

        within(healthy, "healthy", 60)
        time.sleep(1)
        running.send_signal(getattr(signal, last.of("STOPSIGNAL")[0]))
        assert running.wait(30) == 0
    finally:
        running.kill()
        running.wait()
    written = [one for one in clean.rglob("*") if one.stat().st_uid == NOBODY and not one.is_relative_to(home)]
    assert written == []
