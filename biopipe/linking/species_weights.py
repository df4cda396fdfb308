"""The weights that tell whose gene is meant: one number for each thing that a text may say."""

import json
from functools import cache

import numpy as np
from numpy.typing import NDArray

from biopipe.kinds.gene.species_evidence import SPECIES_FEATURES
from biopipe.linking.weights import WEIGHTS_MODEL, WEIGHTS_TASK

__all__ = ["SPECIES_WEIGHTS_FILE", "shipped_species_weights"]

SPECIES_WEIGHTS_FILE = "gene_species.json"


@cache
def shipped_species_weights() -> NDArray[np.float64]:
    """The weights of `SPECIES_FEATURES` in the model of the linker's weights, (features,);
    ModelError where that is damaged.
    """
    # Commands name models, and start without ONNX Runtime.
    from biopipe.runtime.manifest import verified_bytes
    from biopipe.runtime.opened import open_model

    path, manifest = open_model(WEIGHTS_MODEL, task=WEIGHTS_TASK)
    raw = json.loads(verified_bytes(path, manifest, SPECIES_WEIGHTS_FILE))
    return np.array([float(raw["weights"][name]) for name in SPECIES_FEATURES])
