"""Customer lifetime value: the purchases to come and what they are worth, one module per frozen version."""
