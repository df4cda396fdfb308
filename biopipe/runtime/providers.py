"""Execution providers of ONNX Runtime for a device, and a look at which of them runs the
arithmetic.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import onnxruntime as ort

from biopipe.extras import cache_folder
from biopipe.runtime.device import Device

__all__ = ["left_to_the_cpu", "provider_list"]

_HEAVY = ("Attention", "Conv", "Gemm", "MatMul")


def provider_list(device: Device) -> list[tuple[str, dict[str, str]]]:
    """What `InferenceSession` takes as `providers`, the wanted one first.

    Options are those of ONNX Runtime's pages on the CUDA and the TensorRT execution provider.
    """
    if device.kind == "cpu":
        return [("CPUExecutionProvider", {})]
    cuda = {
        "device_id": str(device.index),
        # The default doubles the arena each time it grows, and so runs out of memory long before it
        # is used up.
        "arena_extend_strategy": "kSameAsRequested",
        "use_tf32": "0",  # fp32 is to mean fp32; who wants speed exports fp16
    }
    if device.graphs and device.kind == "cuda":
        cuda["enable_cuda_graph"] = "1"
    if device.memory_gb is not None:
        cuda["gpu_mem_limit"] = str(int(device.memory_gb * 2**30))
    providers = [("CUDAExecutionProvider", cuda), ("CPUExecutionProvider", {})]
    return (
        [("TensorrtExecutionProvider", _tensorrt(device)), *providers]
        if device.kind == "tensorrt"
        else providers
    )


def _tensorrt(device: Device) -> dict[str, str]:
    # An engine takes minutes to build, so it is kept; TensorRT itself tells engines of other cards
    # apart.
    folder = cache_folder() / "tensorrt"
    return {
        "device_id": str(device.index),
        "trt_fp16_enable": "1",
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": str(folder),
    }


def left_to_the_cpu(session: "ort.InferenceSession") -> "Counter[str]":
    """How many matrix products, by kind of node, the provider of the CPU runs; empty where ONNX
    Runtime cannot tell.

    A graph whose integer arithmetic has no CUDA kernels opens without a complaint and computes on
    the CPU.
    """
    if not hasattr(session, "get_provider_graph_assignment_info"):
        return Counter()
    subgraphs: Sequence[Any] = session.get_provider_graph_assignment_info()
    return Counter(
        node.op_type
        for subgraph in subgraphs
        if subgraph.ep_name == "CPUExecutionProvider"
        for node in subgraph.get_nodes()
        if any(name in node.op_type for name in _HEAVY)
    )
