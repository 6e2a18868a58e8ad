"""The devices' HTTP side: enrol, snapshot, push, pull (终端同步)."""
