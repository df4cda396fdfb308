"""What users may import for tests of their own: a fake session and tiny models.

Nothing here needs torch or the network, and nothing of biopipe imports it.
"""

from biopipe.testing.fake_session import FakeSession
from biopipe.testing.tiny_models import TINY_MODELS, tiny_model

__all__ = ["TINY_MODELS", "FakeSession", "tiny_model"]
