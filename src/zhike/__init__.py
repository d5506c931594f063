"""知客 Zhike: the customer asset management system."""

__version__ = "0.1.0"
