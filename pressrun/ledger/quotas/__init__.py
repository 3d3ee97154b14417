"""When the next call may be sent: reservations under a provider's limits."""
