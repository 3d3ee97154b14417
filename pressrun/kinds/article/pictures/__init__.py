"""The pictures of an article: asked for with its text, drawn after it, placed in its files."""
