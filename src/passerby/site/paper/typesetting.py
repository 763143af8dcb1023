"""From data to a PDF, by typst. Templates hold no data and data is no markup, so that no name can change a page."""

import io
import json
from pathlib import Path
from typing import Any

import segno
import typst

from passerby.errors import PasserbyError

_FOLDER = Path(__file__).parent
_COMMON = "common.typ"
_GENERATIONS = 11


def pdf(template: str, data: dict[str, Any], made_unix_s: float) -> bytes:
    """A page, or several; the same for the same input.

    Fonts are those that typst brings; where a name has letters that these lack, the system's are taken.

    Args:
        template: name of a `.typ` file of this folder, without its end.
        data: what the template reads, as JSON; typst takes a string of it for text, whatever it holds.
        made_unix_s: stands in the PDF as the moment at which it was made.

    Raises:
        PasserbyError: the page cannot be made.
    """
    sources = {"main.typ": _source(f"{template}.typ"), _COMMON: _source(_COMMON)}
    try:
        made = typst.compile(  # type: ignore[call-overload]  # its stubs leave out the files by name that it takes
            sources,
            root=str(_FOLDER),
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            timestamp=int(made_unix_s),
        )
    except typst.TypstError as error:
        raise PasserbyError(f"the page {template} cannot be made: {error.message}") from None
    assert isinstance(made, bytes), "typst gives a PDF as one piece"
    return made


def forget() -> None:
    """Lets go of what typst keeps of its last ten documents (tens of megabytes each), for a process that runs on."""
    for _ in range(_GENERATIONS):
        typst.compile(b"", ignore_system_fonts=True)


def qr_code(text: str) -> str:
    """A QR code as SVG."""
    written = io.BytesIO()
    segno.make(text, error="m", micro=False).save(written, kind="svg", border=2, xmldecl=False, dark="#10302c")
    return written.getvalue().decode()


def _source(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()
