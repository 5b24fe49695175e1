"""Who may open the page, and what each may do there."""
