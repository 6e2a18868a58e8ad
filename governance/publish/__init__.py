"""What departments may pull: catalogue, agreements, API (数据共享)."""
