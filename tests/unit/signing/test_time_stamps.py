"""Time stamps of RFC 3161, from a server on this machine."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from policyc.signing import Seals, SigningError, seal_of, sign_scripts
from policyc.signing.ossl import OsslSigner
from unit.signing.making import Authority, make_cabinet

CONFIGURATION = """\
[ tsa ]
default_tsa = it
[ it ]
serial = {folder}/serial
signer_cert = {folder}/clock.pem
signer_key = {folder}/clock.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
"""


@dataclass
class Clock:
    """A time-stamp server that refuses the first requests."""

    address: str
    refuses: int = 0
    asked: list[bytes] = field(default_factory=list)


@pytest.fixture
def clock(authority: Authority, tmp_path: Path) -> Iterator[Clock]:
    configuration = tmp_path / "tsa.cnf"
    configuration.write_text(CONFIGURATION.format(folder=authority.folder.as_posix()), encoding="utf-8")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            made.asked.append(query)
            if len(made.asked) <= made.refuses:
                self.send_error(503)
                return
            file = tmp_path / "query.tsq"
            file.write_bytes(query)
            reply = ["openssl", "ts", "-reply", "-config", configuration, "-queryfile", file]
            token = subprocess.run(reply, capture_output=True, timeout=60, check=True).stdout
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(token)))
            self.end_headers()
            self.wfile.write(token)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made = Clock(f"http://127.0.0.1:{server.server_port}/tsa")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    thread.join(10)
    server.server_close()


def put(folder: Path) -> tuple[Path, Path]:
    script, cabinet = folder / "a.ps1", folder / "a.cab"
    script.write_bytes(b"exit 0\n")
    cabinet.write_bytes(make_cabinet(item=b"x"))
    return script, cabinet


def test_every_signature_has_one(authority: Authority, tool: Path, clock: Clock, tmp_path: Path) -> None:
    signer = OsslSigner(tool, authority.open_pfx, timestamp=clock.address)
    files = put(tmp_path)
    signer.sign(files)
    assert [seal_of(file, file.read_bytes()).timestamped for file in files] == [True, True]
    assert len(clock.asked) == 2
    assert signer.warnings == ()
    verify = [tool, "verify", "-CAfile", authority.root, "-TSA-CAfile", authority.root, "-in", files[0]]
    done = subprocess.run(verify, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "Timestamp Server Signature verification: ok" in done.stdout) == (0, True), done.stdout


def test_a_server_gets_another_chance(authority: Authority, tool: Path, clock: Clock, tmp_path: Path) -> None:
    clock.refuses = 2
    files = put(tmp_path)
    OsslSigner(tool, authority.open_pfx, timestamp=clock.address).sign(files)
    assert [seal_of(file, file.read_bytes()).timestamped for file in files] == [True, True]
    assert len(clock.asked) == 4


def test_without_an_answer_nothing_is_signed(authority: Authority, tool: Path, clock: Clock, tmp_path: Path) -> None:
    clock.refuses = 99
    files = put(tmp_path)
    before = [file.read_bytes() for file in files]
    with pytest.raises(SigningError, match="timestamping failed") as caught:
        OsslSigner(tool, authority.open_pfx, timestamp=clock.address).sign(files)
    assert "POLICYC_SIGN_TIMESTAMP" in caught.value.help
    assert [file.read_bytes() for file in files] == before


def test_a_signature_without_one_is_made_anew_once_there_is_a_server(
    authority: Authority, tool: Path, clock: Clock, tmp_path: Path
) -> None:
    plain = OsslSigner(tool, authority.open_pfx)
    stamping = OsslSigner(tool, authority.open_pfx, timestamp=clock.address)
    scripts = {"a.ps1": b"exit 0\n"}
    release = tmp_path / "release"
    release.mkdir()
    (release / "a.ps1").write_bytes(sign_scripts(scripts, plain, Seals(), tmp_path / "scratch")["a.ps1"])
    stamped = sign_scripts(scripts, stamping, Seals(release), tmp_path / "scratch")["a.ps1"]
    assert seal_of("a.ps1", stamped).timestamped
    (release / "a.ps1").write_bytes(stamped)
    # The better one is kept by a signer that would make the lesser.
    assert sign_scripts(scripts, plain, Seals(release), tmp_path / "scratch")["a.ps1"] == stamped
