"""Documents of prompts as the pages of images and comparisons read and show them."""
