"""The installed command, and `python -m cci_lite`. Interruptions are seen to before anything else is imported."""

from __future__ import annotations

import gc

from cci_lite.cli import interrupt


def main() -> None:
    interrupt.install()
    # Importing and making clients builds many objects and no garbage: looking for it took a tenth of a plan's time.
    gc.set_threshold(400_000)
    from cci_lite.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
