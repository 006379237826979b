"""What several benchmarks share: processes and their CPU time, load, peers, reports."""
