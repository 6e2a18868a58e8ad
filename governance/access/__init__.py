"""Accounts, roles, posts, devices, departments, area permissions (账号与权限)."""
