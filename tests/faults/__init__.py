"""Every kind of fault at every kind of request: 180 cells, each ending right."""
