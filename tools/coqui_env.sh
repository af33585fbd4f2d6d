#!/usr/bin/env bash
# .venv-coqui: what .venv has, plus coqui-tts and face-alignment, for their tests: .venv-coqui/bin/python -m pytest -m coqui
# torchaudio's compiled part wants CUDA libraries that a CPU torch lacks; without it its Python part, all that coqui needs, imports.
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1

env=.venv-coqui
[ -x .venv/bin/python ] || make install
[ -f "$env/.ready" ] && exit 0
.venv/bin/python -m venv --clear "$env"
site=$("$env/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
.venv/bin/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' > "$site/main.pth"
pip="$env/bin/python -m pip install -q -c constraints.txt"
$pip --no-deps torchaudio torchcodec
$pip coqui-tts
$pip scikit-image
$pip --no-deps face-alignment  # it asks for opencv-python beside the headless one, which does
cpu=$("$env/bin/python" -c 'import torch; print(int(not torch.version.cuda))')
[ "$cpu" = 0 ] || rm -f "$site"/torchaudio/lib/*.so
"$env/bin/python" -c 'import TTS.tts.models.vits, TTS.tts.models.xtts, face_alignment'
touch "$env/.ready"
