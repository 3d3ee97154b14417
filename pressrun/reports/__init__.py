"""What a person is told of a batch: renders, decides nothing."""
