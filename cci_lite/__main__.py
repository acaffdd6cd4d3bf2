"""The installed command, and `python -m cci_lite`. Interruptions are seen to before anything else is imported."""

from __future__ import annotations

from cci_lite.cli import interrupt


def main() -> None:
    interrupt.install()
    from cci_lite.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
