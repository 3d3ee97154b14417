"""Uploaded files, kept by their digest in a folder or in S3."""
