"""How forms write and read dates and numbers, the same in both languages (Django's FORMAT_MODULE_PATH)."""
