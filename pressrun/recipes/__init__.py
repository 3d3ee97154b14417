"""Recipes: how the items of each kind of batch are planned and made, over calls and files."""
