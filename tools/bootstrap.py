"""Makes .venv with the locked versions and this project in it: all the set-up that `make` needs.

    python tools/bootstrap.py

Needs only Python 3.11 or later.  Uses uv where it is on the PATH, venv and pip otherwise.  On a machine
without an NVIDIA GPU it gets the CPU build of torch, so that no gigabytes of CUDA are downloaded.  Does
nothing when nothing has changed since the last time.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "cvcourse-setup.json"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)


def main() -> None:
    try:
        set_up()
    except KeyboardInterrupt:
        print(f"\nstopped; {VENV.name}/ is not complete: run the same again to go on", file=sys.stderr)
        sys.exit(130)  # what a shell gives a command that Ctrl-C ended


def set_up() -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            f"this is Python {sys.version.split()[0]}; cvcourse needs 3.11 or later: python.org/downloads"
        )
    wanted = stamp()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    start = time.monotonic()
    print(f"setting up {VENV.name}/ (the first time takes a few minutes) …", flush=True)
    uv = shutil.which("uv")
    if not PYTHON.exists():
        run(
            # what an interrupted set-up left is no obstacle
            [uv, "venv", "--allow-existing", "--python", sys.executable, str(VENV)]
            if uv
            else [sys.executable, "-m", "venv", str(VENV)]
        )
    install_torch(uv)
    requirements = ["-r", str(LOCK)]
    if not (uv and attempt([uv, "pip", "install", "--python", str(PYTHON), *requirements])):
        ensure_pip()
        run([str(PYTHON), "-m", "pip", "install", "-q", *requirements])
    project = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    if not (uv and attempt([uv, "pip", "install", "--python", str(PYTHON), *project])):
        ensure_pip()
        run([str(PYTHON), "-m", "pip", "install", "-q", *project])
    STAMP.write_text(wanted, encoding="utf-8")
    print(f"{VENV.name}/ is ready ({time.monotonic() - start:.0f} s)", flush=True)


def stamp() -> str:
    """Changes when the set-up must be done again."""
    files = [LOCK, ROOT / "pyproject.toml", ROOT / "tools" / "bootstrap.py"]
    digest = hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()
    return json.dumps({"files": digest, "root": str(ROOT), "python": sys.version})


def install_torch(uv: str | None) -> None:
    """torch alone and first: the only package that comes in builds of very different size."""
    pin = next(p for p in LOCK.read_text(encoding="utf-8").splitlines() if p.startswith("torch=="))
    pin = pin.split(";")[0].strip()
    if has_gpu() or sys.platform != "linux":
        return  # the default build is the right one, and comes with the rest
    cpu_build = ["pip", "install", "--python", str(PYTHON), "--torch-backend", "cpu", pin]
    if uv and attempt([uv, *cpu_build]):
        return
    ensure_pip()
    if pip_would_bring_cuda(pin):
        if not uv:
            run([str(PYTHON), "-m", "pip", "install", "-q", "uv"])
            if attempt([str(PYTHON), "-m", "uv", *cpu_build]):
                return
        print(
            "the CPU build of torch cannot be reached from this network, so the default one with CUDA is "
            "installed: several gigabytes to download, which may take half an hour (Ctrl-C stops it)",
            flush=True,
        )
    run([str(PYTHON), "-m", "pip", "install", "-q", pin])


def has_gpu() -> bool:
    return shutil.which("nvidia-smi") is not None and attempt(["nvidia-smi", "-L"])


def pip_would_bring_cuda(pin: str) -> bool:
    """Ask pip what it would install, without installing it."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        asked = [str(PYTHON), "-m", "pip", "install", "-q", "--dry-run", "--report", str(report), pin]
        if not attempt(asked):
            return True
        names = [p["metadata"]["name"] for p in json.loads(report.read_text(encoding="utf-8"))["install"]]
    return any(name.startswith("nvidia") for name in names)


def ensure_pip() -> None:
    if not attempt([str(PYTHON), "-m", "pip", "--version"]):
        run([str(PYTHON), "-m", "ensurepip", "--upgrade"])


def attempt(command: list[str]) -> bool:
    return (
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
        == 0
    )


def run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"this step failed: {' '.join(command)}\nmend what it says above and run make again")


if __name__ == "__main__":
    main()
