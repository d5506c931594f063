from tests.chunks import retail

__all__ = ["retail"]
