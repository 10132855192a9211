"""A hook call as it comes over the wire, read in one pass; the chart in it stays as the caller's type reads it.

When a key occurs twice in a JSON object, the last one counts, at every level and in every reader of this project
(RFC 8259 leaves it open). An empty string or ``null`` in an optional field is read as absent.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Raw
from pydantic import BaseModel, ValidationError

from cds_service.hooks.contexts import CONTEXTS, KEPT_RAW, Context, FhirAccess
from cds_service.hooks.lenient_json import shallow, whole_characters

P = TypeVar("P")
M = TypeVar("M", bound=BaseModel)

TRIGGER_ACTION = "com.epic.cdshooks.request.bpa-trigger-action"
_TRIGGER = re.compile(r"[A-Za-z0-9-]{1,40}")
LARGE = 1 << 20
"""Bytes from which a body's shape is looked at before it is read."""
FEWEST_BYTES = 6
"""Bytes for each bracket and comma of a large body: FHIR has twenty, and what has fewer takes far longer to read."""
_SAMPLES, _SAMPLE = 64, 4096
MOST_KEYS = 1000
"""Prefetch keys of one call; ours are some thirty."""
_NULL = Raw(b"null")
_PIECE = 65536


class RequestError(Exception):
    """What is wrong with a request, for an integrator: never a value from the body.

    ``code`` is a FHIR issue type, ``path`` the field such as ``context.patientId``, empty for the body as a whole.
    """

    def __init__(self, message: str, path: str = "", *, code: str = "invalid", status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.path = path
        self.message = message


class Envelope(msgspec.Struct, Generic[P], rename="camel", frozen=True):
    """The request's outermost object; unknown fields are skipped."""

    hook: Annotated[str, Meta(min_length=1)]
    hook_instance: Annotated[str, Meta(min_length=1)]
    context: Raw
    fhir_server: str | None = None
    fhir_authorization: Raw = _NULL
    prefetch: P | None = None
    extension: Raw = _NULL

    def __repr__(self) -> str:
        return f"Envelope(hook={self.hook!r})"


@dataclass(frozen=True, slots=True)
class Request(Generic[P]):
    """A hook call that is well formed."""

    hook: str
    hook_instance: str
    context: Context = field(repr=False)
    prefetch: P | dict[str, Raw] = field(repr=False)
    """The caller's type; raw JSON by key when one odd resource does not fit that type; empty when the client sent none."""
    access: FhirAccess | None = field(repr=False)
    extension: Mapping[str, Any] = field(repr=False)

    @property
    def trigger(self) -> str:
        """What the user did that made the client call, where it says so: Epic's code of the action, such as ``23`` for signing."""
        said = self.extension.get(TRIGGER_ACTION, "")
        written = str(said) if isinstance(said, str | int) else ""
        return written if _TRIGGER.fullmatch(written) else ""


class RequestReader(Generic[P]):
    """Reads request bodies whose prefetch decodes into one msgspec type, as in ``RequestReader(Envelope[Prefetch])``.

    Built once, safe for many threads.
    """

    def __init__(self, envelope: type[Envelope[P]]) -> None:
        self._fast = msgspec.json.Decoder(envelope)
        self._slow = msgspec.json.Decoder(Envelope[dict[str, Raw]])

    def read(self, body: bytes, hooks: Collection[str]) -> Request[P]:
        """Read one body for a service that answers these hooks; raises :class:`RequestError`."""
        _refuse_broken_text(body)
        _refuse_bare_structure(body)
        envelope = self._open(body)
        if envelope.hook not in hooks:
            raise RequestError(
                f"This service answers {' and '.join(sorted(hooks))}, not the hook named here", "hook", code="value"
            )
        prefetch = {} if envelope.prefetch is None else envelope.prefetch
        if isinstance(prefetch, dict) and len(prefetch) > MOST_KEYS:
            raise RequestError(f"At most {MOST_KEYS} prefetch keys in one call", "prefetch", code="too-costly")
        return Request(
            hook=envelope.hook,
            hook_instance=envelope.hook_instance,
            context=_context(envelope.hook, envelope.context),
            prefetch=prefetch,
            access=_access(envelope.fhir_server, envelope.fhir_authorization),
            extension=_object(envelope.extension, "extension") or {},
        )

    def _open(self, body: bytes) -> Envelope[P] | Envelope[dict[str, Raw]]:
        """An odd resource, or one odd place in it, does not refuse the request: only the envelope itself may."""
        try:
            return self._fast.decode(body)
        except RecursionError:
            mended = shallow(body)
            if mended is None:
                raise _too_deep() from None
        except msgspec.ValidationError:
            mended = body
        except ValueError:
            mended = whole_characters(body)
        if mended is not body:
            try:
                return self._fast.decode(mended)
            except RecursionError:
                raise _too_deep() from None
            except ValueError:
                pass
        try:
            return self._slow.decode(mended)
        except RecursionError:
            raise _too_deep() from None
        except ValueError as error:
            raise unreadable(error) from None


def read_model(model: type[M], value: object, path: str = "") -> M:
    """Validate outside values by a pydantic model; raises :class:`RequestError` with the path of the first wrong field."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        code = "required" if first["type"] == "missing" else "value"
        steps = [path, *(str(step) for step in first["loc"])]
        message = first["msg"].removeprefix("Value error, ")
        raise RequestError(message, ".".join(step for step in steps if step), code=code) from None


def unreadable(error: ValueError) -> RequestError:
    """Put a decoder's complaint in an integrator's words; it names fields and types, never values."""
    text = str(error)
    if isinstance(error, UnicodeError):
        return RequestError("The body is not valid UTF-8", code="structure")
    if not isinstance(error, msgspec.ValidationError):
        return RequestError(f"The body is not JSON: {text}", code="structure")
    found = re.search(r" - at `\$\.?(.*)`$", text)
    path = found[1] if found else ""
    message = text[: found.start()] if found else text
    missing = re.fullmatch(r"Object missing required field `(.*)`", message)
    if missing:
        return RequestError("Field required", ".".join(filter(None, (path, missing[1]))), code="required")
    return RequestError(message, path, code="structure")


def _refuse_broken_text(body: bytes) -> None:
    """Check the text as a whole, in pieces: the decoders do not look into the strings that they skip."""
    if not body or body.isspace():
        raise RequestError("The body is empty; a JSON object is needed", code="required")
    if body.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(body)
    try:
        for start in range(0, len(body), _PIECE):
            decoder.decode(view[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise RequestError("The body is not valid UTF-8", code="structure") from None


def _refuse_bare_structure(body: bytes) -> None:
    """Refuse millions of empty objects or of items: each becomes an object here, and the body many times its size.

    To count all of a large body takes as long as to read it; one whose samples hold half as much as may be is not counted.
    """
    if len(body) < LARGE:
        return
    step = len(body) // _SAMPLES
    begin = hash(body[:_SAMPLE]) % (step - _SAMPLE)  # salted by the process: a sender does not know where it is looked
    sample = b"".join(body[place : place + _SAMPLE] for place in range(begin, len(body), step))
    if 2 * FEWEST_BYTES * _marks(sample) > len(sample) and FEWEST_BYTES * _marks(body) > len(body):
        raise RequestError("The JSON is mostly brackets and commas, as no FHIR is", code="too-costly")


def _marks(text: bytes) -> int:
    return sum(map(text.count, (b"{", b"[", b",")))


def _too_deep() -> RequestError:
    return RequestError("The JSON is nested too deeply", code="too-costly")


def _context(hook: str, raw: Raw) -> Context:
    fields = _object(raw, "context", keep=KEPT_RAW)
    if fields is None:
        raise RequestError("Field required", "context", code="required")
    return read_model(CONTEXTS.get(hook, Context), fields, "context")


def _access(server: str | None, authorization: Raw) -> FhirAccess | None:
    granted = _object(authorization, "fhirAuthorization")
    if server:
        return read_model(FhirAccess, {"fhirServer": server, "fhirAuthorization": granted})
    if granted is not None:
        raise RequestError("Field required when fhirAuthorization is sent", "fhirServer", code="required")
    return None


def _object(raw: Raw, path: str, keep: Collection[str] = ()) -> dict[str, Any] | None:
    """Decode a small JSON object; fields in ``keep`` stay bytes; ``None`` for null."""
    try:
        members = msgspec.json.decode(raw, type=dict[str, Raw] | None)
        if members is None:
            return None
        return {
            name: bytes(member) if name in keep else msgspec.json.decode(member) for name, member in members.items()
        }
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        found = unreadable(error)
        raise RequestError(found.message, path, code=found.code) from None
