"""The package is the same bytes each time and runs from the zip."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from cci_lite.payload.pack import pack

PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
from processor.handler import lambda_handler
from processor.result import code_sha256
print(json.dumps([lambda_handler.__module__, sys.modules["processor"].__file__]))
"""


def test_the_same_sources_give_the_same_bytes() -> None:
    first = pack()
    pack.cache_clear()
    assert pack() == first and pack().zip_bytes == first.zip_bytes


def test_the_hash_is_lambdas_own() -> None:
    made = pack()
    assert made.code_sha256_base64 == base64.b64encode(hashlib.sha256(made.zip_bytes).digest()).decode()


def test_nothing_but_sources_with_fixed_times_and_modes_in_order() -> None:
    with zipfile.ZipFile(io.BytesIO(pack().zip_bytes)) as archive:
        entries = archive.infolist()
    names = [each.filename for each in entries]
    assert names == sorted(names) and all(each.startswith("processor/") and each.endswith(".py") for each in names)
    assert {each.date_time for each in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {each.external_attr >> 16 for each in entries} == {0o644}
    assert {each.compress_type for each in entries} == {zipfile.ZIP_STORED}


def test_the_handler_is_found_in_the_zip_itself_without_this_project(tmp_path: Path) -> None:
    package = tmp_path / "function.zip"
    package.write_bytes(pack().zip_bytes)
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(package)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    module, file = json.loads(ran.stdout)
    assert module == "processor.handler" and file.startswith(str(package))
