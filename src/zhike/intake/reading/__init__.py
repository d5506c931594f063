"""From the bytes of a file to rows of text: file type, encoding, sheet, header row; no Django, no database."""
