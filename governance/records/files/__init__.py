"""Photos and files (照片、附件): checked by content, stored once, read by whoever may read the record."""
