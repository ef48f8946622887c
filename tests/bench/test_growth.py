"""The plot at the end of the bench is drawn: minutes of measuring were lost when it was not."""

from __future__ import annotations

import io

from PIL import Image

from tests.bench.growth import plot


def test_a_plot_has_a_row_for_each_series() -> None:
    one = Image.open(io.BytesIO(plot({"rooms": [0.01, 0.02, 0.16]})))
    two = Image.open(io.BytesIO(plot({"rooms": [0.01, 0.02, 0.16], "pods": [1.0, 1.0, 1.1]})))

    assert one.format == "PNG"
    assert one.width == two.width
    assert one.height < two.height
