"""What customers did: orders with lines, returns, interactions, feedback and behaviour events, kept as facts."""
