"""The command `zhike`: one module per command, nothing heavy loaded before it is needed."""
