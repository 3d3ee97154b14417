"""Rows and cells of CSV and XLSX, however they were pasted."""
