"""TikTok slideshows: links judged, posts read, pictures fetched."""
