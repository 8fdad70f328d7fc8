"""Records and manifests that no run of policyc wrote."""

from __future__ import annotations

import json
from pathlib import Path

from policyc.artifacts import Artifact, compare, write

FILE = Artifact("a/x.txt", b"text", "a.yaml", "test")


def test_a_lone_surrogate_in_the_manifest_is_a_finding(tmp_path: Path) -> None:
    entry = {"sha256": "0" * 64, "source": "a.yaml", "target": "x"}
    (tmp_path / "manifest.json").write_text(json.dumps({"version": 1, "files": {"a/\ud800": entry}}))
    assert [found.code for found in write(tmp_path, [FILE]).diagnostics] == ["PC0608"]
    assert not (tmp_path / "a").exists()


def test_an_infinite_number_in_the_record_does_not_stop_the_next_run(tmp_path: Path) -> None:
    (tmp_path / ".policyc").mkdir()
    (tmp_path / ".policyc" / "commit.json").write_text('{"version":1,"moves":[[1e999,"a/x","","",true]],"removals":[]}')
    compare(tmp_path, [FILE])
    for _ in range(2):
        write(tmp_path, [FILE])
    assert (tmp_path / "a" / "x.txt").read_bytes() == b"text"
