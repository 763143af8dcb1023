"""Small drawings of the navigation, as SVG in the text's colour. They say nothing that the words beside them do not."""

FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0c7f72"/>'
    '<path d="M9 6v20M14 16h10m-4-5 5 5-5 5" stroke="#fff" stroke-width="3" fill="none" stroke-linecap="round"/></svg>'
)


_STROKE = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'


def _drawn(path: str) -> str:
    size = 'viewBox="0 0 24 24" width="18" height="18"'
    return f'<svg {size} {_STROKE} aria-hidden="true" focusable="false"><path d="{path}"/></svg>'


ICONS = {
    "brand": FAVICON.replace("<svg ", '<svg width="26" height="26" aria-hidden="true" focusable="false" '),
    "Now": _drawn("M5 4v16M10 12h10m-4-4 4 4-4 4"),
    "History": _drawn("M4 20V10m5.3 10V4m5.4 16v-7M20 20V7"),
    "Places": _drawn("M4 5h7v6H4zM15 5h5v14h-5zM4 15h7v4H4z"),
    "Shelves": _drawn("M4 3v18M20 3v18M4 9h16M4 16h16M7 5h3v4M14 12h3v4"),
    "Cameras": _drawn("M3 7h12v10H3zM15 11l6-3v8l-6-3z"),
    "Privacy": _drawn("M12 3l8 3v6c0 4.5-3.3 8-8 9-4.7-1-8-4.5-8-9V6zM9 12l2 2 4-4"),
    "Roll-out": _drawn("M4 20V4m0 1h13l-3 4 3 4H4"),
    "Compare": _drawn("M4 6h14M4 12h9M4 18h5"),
    "Alerts": _drawn("M6 17V11a6 6 0 0 1 12 0v6l2 1H4zM10 21h4"),
    "Log": _drawn("M6 3h12v18H6zM9 8h6M9 12h6M9 16h4"),
    "Set-up": _drawn("M4 20l4-1L19 8l-3-3L5 16zM14 7l3 3"),
}
