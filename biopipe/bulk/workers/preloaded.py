"""What the process imports from which worker processes are forked: all that they have in common.

Imported there once, the code and data of these libraries (some 80 MB) are shared by all workers
instead of being each one's own, and a worker starts in a moment. Nothing is opened: ONNX Runtime
sessions must not cross a fork.
"""

import gc

# For their import alone. Found by measuring what a worker imports: numpy, PyArrow, ONNX Runtime,
# tokenizers and spaCy come with these.
import biopipe.bulk.parts.pipeline
import biopipe.bulk.workers.worker
import biopipe.pipeline  # noqa: F401

# The collector writes to the header of every object that it looks at, which would copy its page
# into each worker.
gc.collect()
gc.freeze()
