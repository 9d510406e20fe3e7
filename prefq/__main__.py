"""`python -m prefq` is `prefq`."""

from prefq.cli.main import main

main()
