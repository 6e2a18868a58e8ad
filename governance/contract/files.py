"""Lists of files (照片、附件清单) that several people change at once."""

from collections.abc import Collection, Sequence


def files_join(known: Collection[str], offered: Sequence[str], held: Sequence[str]) -> list[str]:
    """Give the list after one writer's change: what he added comes to what is held, what he took off goes.

    Parameters
    ----------
    known : collection of str
        Ids that the list held when he began to change it.
    offered : sequence of str
        The list as he left it.
    held : sequence of str
        The list as it stands.
    """
    kept = [file for file in held if file in offered or file not in known]
    return kept + [file for file in offered if file not in known and file not in kept]
