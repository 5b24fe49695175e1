"""The page's room of figures: a month in one look."""
