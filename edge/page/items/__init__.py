"""The page's room of sorted items: looked up, looked at, taken along."""
