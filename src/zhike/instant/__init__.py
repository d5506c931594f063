"""The instant report: one file of orders becomes an HTML page and an Excel workbook, without a server and without a set-up.

Understand the file (`files`, `columns`), bring it into the lake's shapes in memory (`cells`, `loading`), compute with the
engine (`computing`), say it (`sections`), and write it down twice (`page`, `workbook`). Nothing here has a model or needs settings.
"""
