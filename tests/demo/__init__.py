"""The whole product on real data: built once, looked at from every side."""
