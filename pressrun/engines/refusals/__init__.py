"""What providers' refusals say, read from any shape, in sentences that all providers share."""
