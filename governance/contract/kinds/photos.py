"""Photos that belong to a record (照片): ids of files, which travel apart from records."""

from governance.contract.fields import Field, Sensitivity, Type

MOST_PHOTOS = 9
"""Photos one record may name."""


def photos(label: str, *, sensitivity: Sensitivity = Sensitivity.PUBLIC) -> Field:
    """Give the field of a kind's photos.

    Parameters
    ----------
    label : str
        What people read, such as 现场照片.
    sensitivity : Sensitivity
        Personal where the photo can show people or the inside of a home.
    """
    return Field(
        "photos", label, Type.FILES, sensitivity=sensitivity, minimum=0, maximum=MOST_PHOTOS, unit="张"
    )
