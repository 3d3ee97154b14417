"""Words of delivered slides, changed beside them."""
