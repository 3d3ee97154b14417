"""Gemini, by API key or over Vertex AI."""
