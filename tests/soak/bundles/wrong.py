"""Known-wrong variants of hub and tablet, each a patch of one function that undoes itself."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from field_app.store.state import RecordState
from field_app.sync import bundle as tablet
from field_app.sync.bundle_keys import keys_own
from governance.access.actor import Actor
from governance.contract import envelope
from governance.sync.bundles import photos, take
from governance.sync.bundles.device_keys import device_keys_find
from tests.soak.bundles import errand
from tests.soak.world.wrong import patched
from tests.soak.world.wrong.hub_side import no_change_id

Control = Callable[[], AbstractContextManager[None]]


def signature_unchecked() -> AbstractContextManager[None]:
    """Nobody looks whose signature it is."""
    return patched(envelope, "signed_by", lambda *_: True)


def header_unbound() -> AbstractContextManager[None]:
    """The seal binds nothing of what stands before it."""
    return patched(envelope, "associated", lambda _: b"")


def any_receipt_taken() -> AbstractContextManager[None]:
    """The tablet takes a receipt for granted, whoever signed it."""

    def opened(memory: Any, found: envelope.Envelope) -> bytes:
        keys = keys_own(memory, str(memory.meta["device"]))
        assert keys is not None
        with signature_unchecked():
            signer = keys.sign.public_key()
            return envelope.envelope_open(found, receiver=keys.receipt, signer=signer)

    return patched(tablet, "_opened", opened)


def dropped_at_export() -> AbstractContextManager[None]:
    """The tablet thinks that what is written is safe."""

    def note(*, store: Any, bundle: tablet.Bundle) -> None:
        with store.write() as unit:
            for change in bundle.changes:
                unit.drop_entry(change)

    return patched(errand, "bundle_note", note)


def only_what_is_new() -> AbstractContextManager[None]:
    """A bundle leaves out what an earlier one carried."""
    pick = tablet.bundle_pick
    return patched(
        tablet, "bundle_pick", lambda memory: [entry for entry in pick(memory) if not entry.exported]
    )


def still_to_be_changed() -> AbstractContextManager[None]:
    """What is exported still takes new values in under its old change id."""

    def make(*, store: Any, **limits: int) -> tablet.Bundle:
        here = {entry.change for entry in store.memory.entries.values() if entry.state is RecordState.HERE}
        made = tablet.bundle_make(store=store, **limits)
        with store.write() as unit:
            for change in here & set(made.changes):
                unit.put_entry(replace(store.memory.entries[change], state=RecordState.HERE))
        return made

    return patched(errand, "bundle_make", make)


def parts_in_any_order() -> AbstractContextManager[None]:
    """The hub takes a part before the one it follows."""
    return patched(take, "_check_order", lambda _: None)


def carrier_acts() -> AbstractContextManager[None]:
    """The hub applies a bundle as the work of whoever brings it."""
    return patched(take, "_sender", lambda _, carrier: carrier)


def receipt_for_the_carrier() -> AbstractContextManager[None]:
    """The hub seals the receipt for whoever brought the bundle."""
    inner = take._take

    def taken(carrier: Actor, data: bytes) -> take.Taken:
        assert carrier.device_id is not None
        own = device_keys_find(carrier.device_id)
        assert own is not None
        seal = envelope.envelope_seal
        wrongly = lambda *given, **named: seal(*given, **{**named, "receiver": own.receipt})  # noqa: E731
        with patched(take, "envelope_seal", wrongly):
            return inner(carrier, data)

    return patched(take, "_take", taken)


def receipts_outlive_a_restore() -> AbstractContextManager[None]:
    """The tablet believes a receipt from before the hub was restored."""
    return patched(tablet, "_check_epoch", lambda *_: None)


def photo_told_stored() -> AbstractContextManager[None]:
    """The hub says that it has a photo of which it read a piece."""

    def told(_: Actor, pieces: Any) -> list[photos.FileResult]:
        return [photos.FileResult(piece.id, "stored", piece.size) for piece in pieces]

    return patched(take, "pieces_take", told)


CONTROLS: tuple[Control, ...] = (
    signature_unchecked,
    header_unbound,
    any_receipt_taken,
    dropped_at_export,
    only_what_is_new,
    still_to_be_changed,
    parts_in_any_order,
    carrier_acts,
    receipt_for_the_carrier,
    receipts_outlive_a_restore,
    photo_told_stored,
    no_change_id,
)
