"""What a person gives: pasted links and spreadsheets in, rows and verdicts out."""
