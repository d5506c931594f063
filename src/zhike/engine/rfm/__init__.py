"""RFM, one module per released method; a module that has judged customers is never edited again."""
