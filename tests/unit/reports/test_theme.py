import itertools
import json

import pytest

from reports import theme


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2.2)."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_formula() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("mark", [*theme.BOOK_MARKS, *theme.SCOPE_MARKS.values(), theme.ABSENT])
def test_books_and_scopes_stand_out_from_the_paper(mark: theme.Mark) -> None:
    assert contrast(mark.colour, theme.PAPER) >= 3


def test_every_filled_shape_has_an_outline_that_stands_out() -> None:
    for mark in theme.GRADE_MARKS.values():
        outline = theme.bar_style(mark)["line"]
        assert outline["width"] >= 1
        assert contrast(outline["color"], theme.PAPER) >= 3


def test_dark_text_can_be_read_on_every_tile() -> None:
    for fill in (*theme.GROUP_FILLS, theme.PAPER):
        assert contrast(theme.INK, fill) >= 4.5


def test_nothing_depends_on_colour_alone() -> None:
    for marks in (theme.BOOK_MARKS, tuple(theme.SCOPE_MARKS.values()), tuple(theme.GRADE_MARKS.values())):
        assert len({mark.pattern for mark in marks}) == len(marks)
    assert len({mark.symbol for mark in theme.BOOK_MARKS}) == len(theme.BOOK_MARKS)
    assert len({mark.dash for mark in theme.BOOK_MARKS}) == len(theme.BOOK_MARKS)


# Machado, Oliveira, Fernandes (2009), severity 1.0, linear RGB
BLINDNESS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize("marks", [theme.BOOK_MARKS[:3], tuple(theme.SCOPE_MARKS[scope] for scope in "123")])
def test_colour_blind_readers_see_different_colours(kind: str, marks: tuple[theme.Mark, ...]) -> None:
    def seen(colour: str) -> list[float]:
        parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        mixed = [
            sum(weight * part for weight, part in zip(row, linear, strict=True)) for row in BLINDNESS[kind]
        ]
        return [max(part, 0.0) ** (1 / 2.4) for part in mixed]

    for one, other in itertools.combinations(marks, 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(one.colour), seen(other.colour), strict=True)) ** 0.5
        assert distance > 0.15, (kind, one.colour, other.colour)


def test_labels_are_literal_for_plotly() -> None:
    assert theme.label('<b>fett</b> & "x"') == '&lt;b&gt;fett&lt;/b&gt; &amp; "x"'
    assert theme.label("a " * 200, width=10, lines=2).count("<br>") == 1
    assert "…" in theme.label("a " * 200, width=10, lines=2)
    assert len(theme.label("x" * 500).replace("<br>", "")) <= 70


def test_the_german_locale_names_months_from_january_and_days_from_sunday() -> None:
    locale = theme.plotly_locale("de")
    assert locale is not None
    assert locale["format"]["months"][0] == "Januar"
    assert locale["format"]["shortMonths"][2] == "Mär"
    assert locale["format"]["days"][0] == "Sonntag"
    assert (locale["format"]["decimal"], locale["format"]["thousands"]) == (",", ".")
    assert json.dumps(locale)
    assert theme.plotly_locale("en") is None
