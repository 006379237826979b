"""How many calls may pass: rate limits, quotas and concurrency limits, of routes and of apps."""
