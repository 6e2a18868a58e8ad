"""Why a backup or a restore was not done."""


class BackupError(Exception):
    """Nothing was changed; the message is Chinese and says what to do."""
