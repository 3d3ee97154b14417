"""The page of a new slideshow batch: rows of links or own slides, and the product of each."""
