"""The admin site's pages: dashboards, map, queues (管理台)."""
