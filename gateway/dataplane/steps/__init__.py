"""The steps of a route, in the order of the road; each looks at a call and fills it in or raises Refusal."""
