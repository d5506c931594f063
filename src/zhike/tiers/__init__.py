"""Ranking 分层: which tier each customer stands in since when and why, and the tags they carry."""
