"""The manual in a Chroma server, as several desks on one database share it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from config.errors import Unavailable
from knowledge.embedding import PackagedEmbedder
from knowledge.indexing import IndexReport, index_paths
from knowledge.search import Knowledge
from tests.doubles.imap_servers import HOST, free_port

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
EMBEDDER = PackagedEmbedder()
START_SECONDS = 60.0


@contextmanager
def chroma_server(folder: Path, port: int) -> Iterator[str]:
    """`chroma run` on the loopback, as compose.yaml runs it; gives its address."""
    program = Path(sys.executable).with_name("chroma")
    command = [str(program), "run", "--host", HOST, "--port", str(port), "--path", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urlopen(f"http://{HOST}:{port}/api/v2/heartbeat", timeout=5).close()
                break
            except (URLError, OSError):
                assert server.poll() is None, "chroma ended at once"
                assert time.monotonic() < deadline, "chroma did not start"
                time.sleep(0.1)
        yield f"http://{HOST}:{port}"
    finally:
        server.kill()
        server.wait()


def index(home: Path, folder: Path, url: str) -> IndexReport:
    """An index run into the server."""
    return index_paths(home, [folder], EMBEDDER, now=NOW, chroma_url=url)


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    """A folder with one file."""
    folder = tmp_path / "manual"
    folder.mkdir()
    (folder / "a.md").write_text("# Fees\nA report costs EUR 38.\n\n# Terms\nTerms above 90 days are not covered.\n")
    return folder


def test_the_manual_in_a_server(tmp_path: Path, manual: Path) -> None:
    """Indexed and searched there; after a change only that section is embedded, and the old one is gone."""
    home = tmp_path / "data"
    with chroma_server(tmp_path / "chroma", free_port()) as url:
        assert index(home, manual, url).embedded == 2
        (manual / "a.md").write_text(
            "# Fees\nA report costs EUR 41.\n\n# Terms\nTerms above 90 days are not covered.\n"
        )
        assert index(home, manual, url).embedded == 1
        knowledge = Knowledge(home, EMBEDDER, url)
        found = knowledge.search("what does a report cost?")
        knowledge.close()
        assert "EUR 41" in found[0].text
        assert len(found) == 2


def test_a_server_away(tmp_path: Path, manual: Path, caplog: pytest.LogCaptureFixture) -> None:
    """While the server is away the manual is searched by its words, and the log says so; it is used again when back."""
    home, port = tmp_path / "data", free_port()
    with chroma_server(tmp_path / "chroma", port) as url:
        index(home, manual, url)
        knowledge = Knowledge(home, EMBEDDER, url)
        assert knowledge.search("what does a report cost?")
    assert "EUR 38" in knowledge.search("what does a report cost?")[0].text
    assert "searched by its words alone" in caplog.text
    caplog.clear()
    with chroma_server(tmp_path / "chroma", port):
        assert "EUR 38" in knowledge.search("what does a report cost?")[0].text
        knowledge.close()
    assert "searched by its words alone" not in caplog.text


def test_indexing_without_its_server(tmp_path: Path, manual: Path) -> None:
    """Without its server an index run ends with a sentence that says what to check."""
    with pytest.raises(Unavailable, match="check CREDITDESK_CHROMA_URL"):
        index(tmp_path / "data", manual, f"http://{HOST}:{free_port()}")
