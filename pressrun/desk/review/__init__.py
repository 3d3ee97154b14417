"""A batch that waits for a person: its plan or its first item as a page, and the answer."""
