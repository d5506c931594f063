"""How fast and how big: measured on the real product and printed with the aims; run with `python -m bench`."""
