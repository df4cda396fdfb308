"""Models on ONNX Runtime."""

import os

# Since 1.29 the official builds for Linux and macOS send Microsoft the names and hashes of graphs
# and what machine runs them, unless this is set before their first import; a value that a user has
# set stays.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
