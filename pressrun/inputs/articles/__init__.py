"""What articles are asked for: lines, tables or JSON, read into rows."""
