"""What AWS's services understand is read faster here than by botocore, and must be read alike."""

from __future__ import annotations

import pytest
from botocore.loaders import Loader

from cci_lite.aws.connect import PLANNED
from cci_lite.aws.models import PlainModels


@pytest.mark.parametrize("part", ["service-2", "endpoint-rule-set-1", "paginators-1"])
def test_models_are_read_as_botocore_reads_them(part: str) -> None:
    ordered, plain = Loader(), Loader(file_loader=PlainModels())
    for service in (*PLANNED, "sts", "glue", "athena", "quicksight"):
        if service == "sts" and part == "paginators-1":
            continue
        assert plain.load_service_model(service, part) == ordered.load_service_model(service, part)
        assert list(plain.load_service_model(service, part)) == list(ordered.load_service_model(service, part))


def test_a_file_that_is_not_there_is_none() -> None:
    assert PlainModels().load_file("/nowhere/service-2") is None
