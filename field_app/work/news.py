"""What is new since the worker last looked (新到): how many tasks a sync has brought."""

from field_app.work.session import Session, SessionState


class News:
    """Counts open tasks never seen before; what the first load brings is not news."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: set[str] | None = None

    def begin(self) -> None:
        """Take what is held now as known; nothing, while the first load is still to come."""
        self._seen = self._open_tasks() if self._session.meta.get("last_sync") else None

    def fresh(self) -> int:
        """Give how many have come since; from now on they are known. 0 while locked."""
        if self._session.state is not SessionState.OPEN:
            return 0
        now = self._open_tasks()
        new = now - self._seen if self._seen is not None else set()
        self._seen = (self._seen or set()) | now
        return len(new)

    def _open_tasks(self) -> set[str]:
        return {row.id for row in self._session.desk.tasks.rows()}


def news_text(count: int) -> str:
    """Say it so that it may stand on a locked screen: nobody is named."""
    return f"有{count}件新任务，请打开查看"
