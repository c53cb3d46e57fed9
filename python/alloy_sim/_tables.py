"""The CSV files of a result as pandas frames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

_TEXTS = (
    "scenario case scope metric unit statistic method track record event kind name claim comparison verdict "
    "reason path role law source variant needs_scope"
).split()
_COUNTS = "n more_draws member requested_addresses requested_volumes".split()
_NUMBERS = (
    "value ci_low ci_high confidence cut_off seconds p05 p50 p95 mean limit requested_memory_bytes "
    "requested_cores needs_p95_bytes"
).split()

#: The program puts an apostrophe before a text that a spreadsheet would take for a formula.
_HARMLESS = r"^'(?=[=+\-@\t\r])"


def read(path: Path) -> pandas.DataFrame:
    """Reads a table. Text, counts, numbers, truth values and dates get dtypes that can be empty."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError("tables need pandas: pip install 'alloy-sim[pandas]'", name="pandas") from error
    dtypes = _dtypes(pandas.read_csv(path, nrows=0).columns, path.stem)
    dates = [column for column, kind in dtypes.items() if kind == "date"]
    # A date is text until the whole column is known: it may be empty.
    dtypes.update(dict.fromkeys(dates, "string"))
    table = pandas.read_csv(path, dtype=dtypes, keep_default_na=False, na_values=[""])
    for column in table:
        # A column of truth values and empty cells holds objects that are no texts.
        if pandas.api.types.infer_dtype(table[column]) == "string":
            table[column] = table[column].str.replace(_HARMLESS, "", regex=True)
    for column in dates:
        table[column] = pandas.to_datetime(table[column])
    return table


def _dtypes(columns: Any, table: str) -> dict[str, Any]:
    """The dtype of each column. What a case sets at a path is left to pandas."""
    kinds: dict[str, Any] = {"date": "date", "gates": "bool", "draw": "Int64"}
    kinds.update(dict.fromkeys(_TEXTS, "string"))
    kinds.update(dict.fromkeys(_COUNTS, "Int64"))
    kinds.update(dict.fromkeys(_NUMBERS, "float64"))
    dtypes = {column: kinds[column] for column in columns if column in kinds}
    if table == "draws":
        dtypes["draw"] = "int64"
        for column in columns:
            dtypes.setdefault(column, "boolean" if column.endswith(".cut_off") else "float64")
    return dtypes
