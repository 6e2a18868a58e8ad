"""All presenters of an unlocked tablet in one hand."""
