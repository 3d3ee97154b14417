"""Pressrun: AI content in bulk, paid once and delivered whole."""

__version__ = "0.1.0"
