"""Pages to look at in a browser: a batch's gallery, its articles, the store's index."""
