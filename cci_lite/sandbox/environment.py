"""The settings the emulator reads from its environment, set before it is imported. Imports the layout only."""

from __future__ import annotations

import os
import secrets

from cci_lite.sandbox.layout import ACCOUNT, REGION, Layout

# What a function may see of this machine. PYTHONPATH is not in it: deployed code has only what it was packed with.
_KEPT = ("PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT")


def configure(layout: Layout, https_port: int, http_port: int) -> None:
    """Settings of the emulator, and those its Lambda workers inherit so that deployed code reaches the sandbox."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")}
    os.environ.clear()
    os.environ.update(
        kept,
        AUTH="true",
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        MINISTACK_REGION=REGION,
        MINISTACK_HOST="localhost",
        GATEWAY_PORT=str(http_port),
        PERSIST_STATE="1",
        STATE_DIR=str(layout.services),
        S3_PERSIST="1",
        S3_DATA_DIR=str(layout.objects),
        LOG_LEVEL="WARNING",
        SFTP_ENABLED="0",
        IOT_MTLS_ENABLED="0",
        # No container engine: functions run in subprocesses, and none may be probed for at start.
        DOCKER_HOST="unix:///var/empty/no-container-engine.sock",
        MINISTACK_WORKER_THREADS="16",
        LAMBDA_ACCOUNT_CONCURRENCY="1000",
        # The account's root key: unguessable, told to nobody, refused by the gateway.
        AWS_ACCESS_KEY_ID="ROOT" + secrets.token_hex(8).upper(),
        AWS_SECRET_ACCESS_KEY=secrets.token_urlsafe(30),
        AWS_ENDPOINT_URL=f"https://localhost:{https_port}",
        AWS_CA_BUNDLE=str(layout.ca),
        AWS_DEFAULT_REGION=REGION,
        AWS_EC2_METADATA_DISABLED="true",
        # Profiles of the operator could name credentials, or send a function past the sandbox.
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        HOME=str(layout.scratch),
        TMPDIR=str(layout.scratch),
    )
