"""`python -m cci_lite`."""

from cci_lite.cli.main import main

main()
