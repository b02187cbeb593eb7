"""What a user reads about factors has a German text: notes, reasons and refusals."""

from bilanz.messages import catalogue as texts
from factors import custom, gate, intake, own_properties, properties
from factors.base import catalogue


def test_every_note_of_a_factor_is_translated() -> None:
    notes = set(catalogue().factors.get_column("note").drop_nulls())
    assert len(notes) > 30
    assert notes <= set(texts("de"))


def test_every_reason_of_the_gate_is_translated() -> None:
    reasons = {rule.reason for rule in gate._rules(("CO2",), ())}  # noqa: SLF001 - every rule, also unbroken ones
    reasons |= {custom._COMMA, custom._WHOLE, custom.RAGGED, intake._DIFFERS}  # noqa: SLF001 - the same
    assert len(reasons) > 30
    assert reasons <= set(texts("de"))


def test_every_reason_of_a_property_is_translated() -> None:
    rows = catalogue().properties
    own = [*own_properties._rules(), *own_properties._repeated(rows)]  # noqa: SLF001 - every rule
    reasons = {rule.reason for rule in (*properties.rules(rows, evidence=["custom"]), *own)}
    assert len(reasons) > 10
    assert reasons <= set(texts("de"))


def test_every_translation_of_this_area_is_in_use() -> None:
    from pathlib import Path

    from babel.messages.pofile import read_po

    path = Path(gate.__file__).parents[1] / "bilanz" / "locale" / "de" / "factors.po"
    with path.open("rb") as stream:
        identifiers = {str(message.id) for message in read_po(stream, locale="de") if message.id}
    code = "".join(file.read_text(encoding="utf-8") for file in Path(gate.__file__).parent.rglob("*.py"))
    code += (path.parents[2] / "gases.py").read_text(encoding="utf-8")
    notes = set(catalogue().factors.get_column("note").drop_nulls())
    unused = {name for name in identifiers if name not in notes and name not in code.replace("\\", "")}
    assert not unused
