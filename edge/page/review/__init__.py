"""The page's room where people say what items were."""
