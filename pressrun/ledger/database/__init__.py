"""The ledger's database: connections, one writer, tables and their migrations."""
