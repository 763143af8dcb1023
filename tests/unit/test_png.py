"""A PNG that the standard library alone has written, read by a decoder that others wrote."""

import io

import av
import numpy as np
import pytest

from passerby.site.setup.png import png


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (256, 192)])
def test_a_picture_comes_back_as_it_was(width: int, height: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    with av.open(io.BytesIO(png(width, height, picture.tobytes())), "r") as container:
        read = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert np.array_equal(read, picture)


@pytest.mark.parametrize(("width", "height"), [(0, 1), (2, 2), (1, -1)])
def test_a_wrong_number_of_bytes_is_refused(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="pixels need"):
        png(width, height, b"rgb")
