"""Alarms from outside (外部告警): taken in once each, made urgent tasks or events, followed to their end."""
