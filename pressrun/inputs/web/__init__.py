"""Pages, feeds and pictures of the web, fetched without opening a way into the network."""
