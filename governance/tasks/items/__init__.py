"""Departments' work items (部门事项): defined, let in by the communities, asked at the door, answered."""
