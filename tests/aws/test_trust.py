"""All clients of a session read the certificates that are trusted once. Touches what botocore does not promise."""

from __future__ import annotations

import ssl
from typing import Any

import boto3
import certifi
import pytest

from cci_lite.aws.clients import Clients


def context(client: Any) -> ssl.SSLContext:
    pool = client._endpoint.http_session._manager.connection_from_url("https://s3.eu-central-1.amazonaws.com")
    found: ssl.SSLContext = pool.conn_kw["ssl_context"]
    return found


@pytest.fixture
def clients() -> Clients:
    return Clients(boto3.Session("testing", "testing", region_name="eu-central-1"), None, None)


def test_clients_share_a_context_that_demands_certificates(clients: Clients) -> None:
    one, other = (context(clients.get(each, "eu-central-1", retry=True)) for each in ("s3", "kms"))
    assert one is other
    assert one.verify_mode is ssl.CERT_REQUIRED  # names are checked by urllib3 itself


def test_a_bundle_is_read_once_and_another_one_is_read_too(clients: Clients, tmp_path: Any) -> None:
    shared = context(clients.get("s3", "eu-central-1", retry=True))
    for _ in range(3):
        shared.load_verify_locations(certifi.where(), None, None)
    known = shared.cert_store_stats()["x509_ca"]
    assert known > 50
    assert shared.load_verify_locations.cache_info().misses == 1  # type: ignore[attr-defined]
    with pytest.raises(FileNotFoundError):
        shared.load_verify_locations(str(tmp_path / "none.pem"), None, None)
