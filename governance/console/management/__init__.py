"""``manage.py`` commands of this room."""
