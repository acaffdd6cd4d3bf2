"""AWS's service models, found and read sooner than botocore does. Knows botocore's loader only."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader, instance_cache


class Models(Loader):
    """What `found` finds, as plain dictionaries."""

    def __init__(self, found: Loader) -> None:
        super().__init__(found.search_paths, PlainModels(), include_default_search_paths=False)

    @instance_cache
    def list_available_services(self, type_name: str) -> list[str]:
        """Every service with a folder. botocore looks into 400 of them, for each type, to open one.

        Whether the one asked for has that type is told by the next question, for its latest version.
        """
        folders = [Path(each) for each in self.search_paths]
        return sorted({each.name for folder in folders if folder.is_dir() for each in folder.iterdir()})


class PlainModels(JSONFileLoader):
    """For `Loader.file_loader`. Files may be compressed.

    botocore reads them into ordered dictionaries, which costs more than all else of making a client; plain ones keep
    their order as well.
    """

    def load_file(self, file_path: str) -> Any:
        """What stands in a file, given without its ending; None when there is no such file."""
        for path, opened in ((Path(f"{file_path}.json"), open), (Path(f"{file_path}.json.gz"), gzip.open)):
            if path.is_file():
                with opened(path, "rb") as file:
                    return json.loads(file.read())
        return None
