"""The same prompts on several models, side by side."""
