"""The kinds of batch: how the items of each are planned and made. They do not know each other."""
