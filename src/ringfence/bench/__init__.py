"""Measurements that come with the product: what it lets through, what it costs, and whom it interrupts."""
