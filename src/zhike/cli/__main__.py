"""`python -m zhike.cli`: how the supervisor starts its children."""

from zhike.cli import main

main(prog_name="zhike")
