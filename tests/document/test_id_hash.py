import subprocess
import sys

import numpy as np

from biopipe.document.id_hash import hashes_of_ids

IDS = ["PMID:1", "PMID:2", "", "é", "PMID:1"]


def test_equal_ids_alone_have_equal_hashes() -> None:
    hashes = hashes_of_ids(IDS)
    assert hashes.dtype == np.uint64
    assert hashes.shape == (5,)
    assert hashes[0] == hashes[4]
    assert len(set(hashes.tolist())) == 4
    assert hashes_of_ids([]).shape == (0,)


def test_hashes_are_the_same_in_another_process() -> None:
    code = f"from biopipe.document.id_hash import hashes_of_ids; print(*hashes_of_ids({IDS!r}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(number) for number in hashes_of_ids(IDS).tolist()]
