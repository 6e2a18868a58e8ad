"""The file in which work travels without network (数据包与回执): one layout, one way to seal and to open it.

A bundle (数据包) goes from a tablet to the hub, a receipt (回执) back to that tablet; whoever
carries them can read neither, and nothing in them can be altered unseen. Layout, all numbers
big-endian::

    magic (8) | header length (4) | header, JSON | ephemeral X25519 key (32)
    | body length (4) | body | signature (64)

The body is zlib, sealed with AES-256-GCM under a key agreed between the ephemeral key and the
receiver's (HKDF-SHA256); everything before it is bound as associated data. The Ed25519 signature of the
sender covers all bytes before it.
"""

import json
import struct
import zlib
from dataclasses import asdict, dataclass
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BUNDLE, RECEIPT = "bundle", "receipt"
VERSION = 1

MAX_CHANGES = 5000
"""Changes in one file; a larger outbox is written as several."""

MAX_PLAIN = 8 * 1024 * 1024
"""Bytes of a bundle's body before packing."""

MAX_FILE = 16 * 1024 * 1024
"""Bytes of a bundle's file."""

MAX_RECEIPT = 64 * 1024 * 1024
"""Bytes of a receipt's body before packing; it may give whole records back."""

_MAGIC = b"CELINK\r\n"
_INFO = b"community-e-link envelope 1"
_KEY, _NONCE, _SIGNATURE = 32, 12, 64
_MOST_HEADER = 1024
_MOST_NUMBER = 2**53
_LENGTH = struct.Struct(">I")


class EnvelopeError(Exception):
    """The file cannot be taken; ``str(error)`` says why in Chinese, ``code`` for programs.

    ``code`` is one of form, version, cut, signature, sealed, too_large.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Header:
    """What stands open on a file.

    Parameters
    ----------
    type : str
        ``bundle`` or ``receipt``.
    device, bundle : str
        UUIDs of the tablet whose work it is and of the bundle; a receipt repeats its bundle's.
    key : str
        Id of the hub's key pair that the bundle is sealed for and its receipt is signed with.
    counter : int
        Number of the tablet's export, growing.
    part, parts : int
        This file of so many, from 1.
    """

    type: str
    device: str
    bundle: str
    key: str
    counter: int
    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """A file taken apart, nothing of it believed yet; ``signed`` is what the signature covers."""

    header: Header
    bound: bytes
    ephemeral: bytes
    body: bytes
    signed: bytes
    signature: bytes


def envelope_seal(
    header: Header, plain: bytes, *, receiver: X25519PublicKey, signer: Ed25519PrivateKey
) -> bytes:
    """Give the file that only ``receiver`` can read and that ``signer`` answers for."""
    named = json.dumps({"v": VERSION, **asdict(header)}, separators=(",", ":")).encode()
    packed = zlib.compress(plain, 6)
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes_raw()
    key, nonce = _agreed(ephemeral.exchange(receiver), public, receiver.public_bytes_raw())
    length = len(packed) + 16  # the cipher's tag
    bound = _MAGIC + _LENGTH.pack(len(named)) + named + public + _LENGTH.pack(length)
    signed = bound + AESGCM(key).encrypt(nonce, packed, associated(bound))
    return signed + signer.sign(signed)


def envelope_read(data: bytes) -> Envelope:
    """Take a file apart.

    Raises
    ------
    EnvelopeError
        Not such a file, of a newer version, or not whole.
    """
    if not data.startswith(_MAGIC):
        raise EnvelopeError("form", "不是社区e通的数据包或回执文件")
    at = len(_MAGIC)
    length, at = _number(data, at)
    if length > _MOST_HEADER:
        raise EnvelopeError("form", "文件头已损坏，请重新拷贝")
    named, at = _take(data, at, length)
    ephemeral, at = _take(data, at, _KEY)
    length, at = _number(data, at)
    start = at
    body, at = _take(data, at, length)
    signature, end = _take(data, at, _SIGNATURE)
    if end != len(data):
        raise EnvelopeError("form", "文件末尾有多余内容，已损坏，请重新拷贝")
    return Envelope(_header(named), data[:start], ephemeral, body, data[:at], signature)


def envelope_open(
    envelope: Envelope, *, receiver: X25519PrivateKey, signer: Ed25519PublicKey, most: int = MAX_PLAIN
) -> bytes:
    """Give the body, after checking the signature and everything bound to it.

    Parameters
    ----------
    envelope : Envelope
    receiver : X25519PrivateKey
    signer : Ed25519PublicKey
        Key of the one that the header names.
    most : int
        Bytes the unpacked body may have.

    Raises
    ------
    EnvelopeError
        Forged, altered, sealed for someone else, or too large.
    """
    if not signed_by(signer, envelope):
        raise EnvelopeError("signature", "签名不符：文件被改动过，或不是所写终端签发的")
    try:
        shared = receiver.exchange(X25519PublicKey.from_public_bytes(envelope.ephemeral))
        key, nonce = _agreed(shared, envelope.ephemeral, receiver.public_key().public_bytes_raw())
        packed = AESGCM(key).decrypt(nonce, envelope.body, associated(envelope.bound))
    except (InvalidTag, ValueError):
        raise EnvelopeError("sealed", "解不开：文件被改动过，或不是交给这里的") from None
    return _unpacked(packed, most)


def signed_by(signer: Ed25519PublicKey, envelope: Envelope) -> bool:
    """Whether the signature is this key's."""
    try:
        signer.verify(envelope.signature, envelope.signed)
    except InvalidSignature:
        return False
    return True


def associated(bound: bytes) -> bytes:
    """Give what the cipher binds to the body: all that stands before it."""
    return bound


def order_key(data: bytes) -> tuple[bool, str, int, int]:
    """Give what sorts files by tablet, export and part; what is no such file comes last."""
    try:
        header = envelope_read(data).header
    except EnvelopeError:
        return True, "", 0, 0
    return False, header.device, header.counter, header.part


def _agreed(shared: bytes, ephemeral: bytes, receiver: bytes) -> tuple[bytes, bytes]:
    """Give key and nonce; an ephemeral key seals one body only, so the nonce may follow from it."""
    made = HKDF(SHA256(), _KEY + _NONCE, salt=ephemeral + receiver, info=_INFO).derive(shared)
    return made[:_KEY], made[_KEY:]


def _take(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    if len(data) < at + length:
        raise EnvelopeError("cut", "文件不完整，请重新拷贝")
    return data[at : at + length], at + length


def _number(data: bytes, at: int) -> tuple[int, int]:
    taken, at = _take(data, at, _LENGTH.size)
    return int(_LENGTH.unpack(taken)[0]), at


def _header(named: bytes) -> Header:
    try:
        values = json.loads(named)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise EnvelopeError("form", "文件头已损坏，请重新拷贝")
    version = values.pop("v", None)
    if version != VERSION:
        raise EnvelopeError("version", "文件的格式版本不认识，请先升级程序")
    try:
        return _checked(Header(**values))
    except (AttributeError, TypeError, ValueError):
        raise EnvelopeError("form", "文件头已损坏，请重新拷贝") from None


def _checked(header: Header) -> Header:
    """Give the header. Raises ValueError where a member is not of its type."""
    numbers = (header.counter, header.part, header.parts)
    if header.type not in (BUNDLE, RECEIPT) or not isinstance(header.key, str):
        raise ValueError
    if any(type(number) is not int or not 1 <= number < _MOST_NUMBER for number in numbers):
        raise ValueError
    if header.part > header.parts or any(str(UUID(id)) != id for id in (header.device, header.bundle)):
        raise ValueError
    return header


def _unpacked(packed: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(packed, most + 1)
    except zlib.error:
        raise EnvelopeError("form", "内容的压缩格式已损坏") from None
    if len(plain) > most:
        raise EnvelopeError("too_large", f"内容超过{most // 1024 // 1024}MB")
    if not unpacker.eof:
        raise EnvelopeError("form", "内容的压缩格式已损坏")
    return plain
