"""Trends: how the business went month by month, its seasons, what stands out, and where it is heading."""
