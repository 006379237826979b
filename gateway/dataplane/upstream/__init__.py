"""The last part of the road: which server of an upstream gets a call, and how the call gets there."""
