"""Training in tests takes one thread."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Tiny models gain nothing from more, and on busy cores OpenMP's barriers wait for seconds."""
    torch = pytest.importorskip("torch", reason="needs the extra 'train'")
    torch.set_num_threads(1)
