"""What several tests make and wait for: batches, articles, pictures, destinations."""
