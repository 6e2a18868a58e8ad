"""Findings and work items become tasks on tablets and outcomes (任务)."""
