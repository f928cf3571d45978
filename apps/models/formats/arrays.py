"""NumPy's .npy: a magic number and a short header that is a Python literal, read by patterns and never evaluated.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
"""

from __future__ import annotations

import math
import re
from typing import Any

from apps.models.formats.reader import Malformed, Reader, shown

MAX_HEADER = 65_536
DTYPE = re.compile(r"'descr': *('(?P<plain>[^']{1,60})'|\[)")
SHAPE = re.compile(r"'shape': *\((?P<sizes>[0-9, ]{0,200})\)")


def read(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Return shape, element type, and whether the elements are pickled objects."""
    reader.skip(6)
    major, _ = reader.unpack("B"), reader.unpack("B")
    if major not in {1, 2, 3}:
        raise Malformed("The format's version is unknown.")
    length = reader.unpack("H" if major == 1 else "I")
    if length > MAX_HEADER:
        raise Malformed("The header is too long.")
    text = reader.take(length).decode("latin-1")
    dtype, shape = DTYPE.search(text), SHAPE.search(text)
    if dtype is None or shape is None:
        raise Malformed("The header does not name an element type and a shape.")
    sizes = [int(size[:20]) for size in shape["sizes"].replace(" ", "").split(",") if size][:32]
    name = dtype["plain"] or "record"
    facts: dict[str, Any] = {"dtypes": [shown(name)], "shape": sizes, "parameters": math.prod(sizes)}
    if math.prod(sizes) > 2**53:
        raise Malformed("The shape is impossible.")
    return "numpy", facts | ({"pickled_objects": True} if name.lstrip("<>|=").startswith("O") else {})
