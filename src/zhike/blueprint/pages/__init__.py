"""Pages of the blueprint: see it, edit a draft, compare versions, publish."""
