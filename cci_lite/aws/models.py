"""AWS's service models, read as plain dictionaries. Knows botocore's loader only.

botocore reads them into ordered ones, which costs more than all else of making a client; plain ones keep their order
as well.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader


class PlainModels(JSONFileLoader):
    """For `Loader.file_loader`. Files may be compressed."""

    def load_file(self, file_path: str) -> Any:
        """What stands in a file, given without its ending; None when there is no such file."""
        for path, opened in ((Path(f"{file_path}.json"), open), (Path(f"{file_path}.json.gz"), gzip.open)):
            if path.is_file():
                with opened(path, "rb") as file:
                    return json.loads(file.read())
        return None
