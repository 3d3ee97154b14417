"""TikTok slideshows remade for a product."""
