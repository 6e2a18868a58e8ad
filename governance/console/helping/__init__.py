"""The volunteers' plain pages (志愿者页面): for a telephone, one task at a time."""
