"""Articles by topic, keywords, trends or a given text."""
