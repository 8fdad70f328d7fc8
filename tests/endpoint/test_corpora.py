"""Policies that others publish: each file comes in, compiles, and goes detect, remediate, detect, rollback on an endpoint.

POLICYC_CORPORA names the folder. What comes of each file is counted in `docs/corpora.md`.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from endpoint.corpora import compiled, corpora, files_of, import_file, moved, tables
from endpoint.differential import endpoint, world_of
from endpoint.differential_check import hold

CORPORA = corpora()
# Without the corpora the tests are skipped even where an endpoint is asked for: they aren't part of the project.
pytestmark = pytest.mark.endpoint if CORPORA else pytest.mark.skip(reason="no corpora: set POLICYC_CORPORA to their folder")
FILES = files_of(CORPORA) if CORPORA else []
PAGE = Path(__file__).resolve().parents[2] / "docs" / "corpora.md"


def test_the_folder_holds_corpora() -> None:
    assert FILES, f"POLICYC_CORPORA names {CORPORA}, which holds no list and no registry.pol"


def test_the_page_has_the_counts() -> None:
    found = [import_file(file) for file in FILES]
    for one in found:
        others = one.contradicted + one.overwritten + one.same
        assert one.entries == one.settings + one.refused.total() + others, one.name
    assert tables(found) in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_comes_in_works_on_a_device(file: Path, tmp_path: Path) -> None:
    corpus = import_file(file)
    if not corpus.settings:
        assert corpus.refused.total() == corpus.entries
        return
    settings = compiled(corpus, tmp_path)
    assert len(settings) == corpus.settings
    of_registry = moved(settings)
    if not of_registry:
        return
    try:
        with endpoint(tmp_path) as (device, ours):
            world = world_of(device, ours=ours, rng=Random(corpus.name), signed_in=True)
            checked = hold(device, world, of_registry, tmp_path / "corpus")
    except LookupError as problem:
        pytest.skip(str(problem))
    assert not checked.wrong, checked.wrong[:20]
    assert checked.counts["settings"] == len(of_registry)
    assert checked.counts["writes"] >= 1
    assert checked.counts["left alone"] == 0
