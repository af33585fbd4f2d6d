"""Halve a weights file in place: large matrices to 8 bits a number, everything else as it was.

    python tools/quantise.py FILE.safetensors...

Measure the model again afterwards: its card says which files are stored so.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from safetensors.torch import save_file

from genstudio.weights import quantised, read_tensors


def quantise(path: Path) -> None:
    """Rewrite one file; running it again changes next to nothing."""
    tensors, metadata = read_tensors(path)
    temporary = path.with_name(path.name + ".part")
    save_file({k: v.contiguous() for k, v in quantised(tensors).items()}, str(temporary), metadata=metadata)
    before = path.stat().st_size
    os.replace(temporary, path)
    os.chmod(path, 0o644)
    print(f"{path}: {before / 1e6:.1f} → {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        quantise(Path(name))
