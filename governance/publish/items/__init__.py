"""What departments see of their work items (部门事项接口)."""
