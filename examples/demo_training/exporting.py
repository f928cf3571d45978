"""Files of a version: ONNX, safetensors or joblib weights, and the evaluation and decision rule as JSON."""

import io
import json
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import save as save_tensors
from skl2onnx import to_onnx
from sklearn.base import is_classifier

from .fitting import Fitted
from .recipe import Export, TrainingError

# Operator sets that ONNX Runtime 1.14 and newer understand.
OPSETS = {"": 18, "ai.onnx.ml": 3}
CHECKED_ROWS = 8
TOLERANCE = 1e-3


def export(fitted: Fitted, kind: Export) -> tuple[str, bytes]:
    """File name and bytes of a fitted model in one format. Raises TrainingError."""
    name, make = FORMATS[kind]
    return name, make(fitted)


def as_json(content: Any) -> bytes:
    """UTF-8 JSON with sorted keys, two spaces and a final newline: the same content gives the same bytes."""
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()


def _onnx(fitted: Fitted) -> bytes:
    options = {"zipmap": False} if is_classifier(fitted.estimator) else None
    proto: Any = to_onnx(fitted.estimator, fitted.inputs[:1], options=options, target_opset=OPSETS)
    # skl2onnx takes them from a set, in an order that changes from one process to the next.
    proto.opset_import.sort(key=lambda opset: opset.domain, reverse=True)
    content: bytes = proto.SerializeToString()
    _check_onnx(fitted, content)
    return content


def _check_onnx(fitted: Fitted, content: bytes) -> None:
    """Compare the file with the model on a few holdout rows by ONNX's reference implementation."""
    rows = fitted.inputs[:CHECKED_ROWS]
    answer = list(ReferenceEvaluator(content).run(None, {"X": rows}))[-1]
    ask = fitted.estimator.predict_proba if is_classifier(fitted.estimator) else fitted.estimator.predict
    expected = np.asarray(ask(rows))
    if not np.allclose(np.asarray(answer).reshape(expected.shape), expected, rtol=TOLERANCE, atol=TOLERANCE):
        raise TrainingError("the ONNX file does not answer like the fitted model")


def _safetensors(fitted: Fitted) -> bytes:
    steps = fitted.steps()
    if len(steps) != 2:
        raise TrainingError("only a scaler with one model has weights that can be written as tensors")
    scaler, model = steps
    tensors = {"scaler.mean": scaler.mean_, "scaler.scale": scaler.scale_, **_weights(model)}
    plain = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in tensors.items()}
    # One metadata key only: the writer keeps them in a hash map, so the bytes of more would not repeat.
    return bytes(save_tensors(plain, metadata={"estimator": type(model).__name__}))


def _weights(model: Any) -> dict[str, Any]:
    if hasattr(model, "coefs_"):
        layers = list(zip(model.coefs_, model.intercepts_, strict=True))
        return {
            f"layer{index}.{part}": value
            for index, layer in enumerate(layers)
            for part, value in zip(("weight", "bias"), layer, strict=True)
        }
    if hasattr(model, "coef_"):
        return {"coef": model.coef_, "intercept": np.atleast_1d(model.intercept_)}
    raise TrainingError(f"{type(model).__name__} has no weights that can be written as tensors")


def _joblib(fitted: Fitted) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(fitted.estimator, buffer, compress=3)
    return buffer.getvalue()


FORMATS: dict[Export, tuple[str, Callable[[Fitted], bytes]]] = {
    "onnx": ("model.onnx", _onnx),
    "safetensors": ("weights.safetensors", _safetensors),
    "joblib": ("pipeline.joblib", _joblib),
}
