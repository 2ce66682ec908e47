"""What lies in the files of a platform: the log's records, and whether words stand there in clear."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def log_rows(root: Path, topic: str, case_id: str | None = None) -> list[tuple[str, bytes]]:
    """Headers and value of a topic's records in the order they were appended per partition."""
    query = (
        'SELECT headers, value FROM records WHERE topic = ? AND (key = ? OR ?) ORDER BY "offset"'
    )
    with sqlite3.connect(root / "log.db") as db:
        wanted = (topic, (case_id or "").encode(), case_id is None)
        return db.execute(query, wanted).fetchall()


def history(root: Path, case_id: str, topic: str = "case-events") -> list[str]:
    """The types of a case's events, in the log's order, without who stated them."""
    types = [dict(json.loads(headers))["ce_type"] for headers, _ in log_rows(root, topic, case_id)]
    return [name.partition(".")[2] for name in types]


def looks(root: Path, case_id: str, topic: str = "audit-events") -> list[dict[str, Any]]:
    """Who looked at a case's words, and why."""
    return [json.loads(value) for _, value in log_rows(root, topic, case_id)]


def spellings(words: str) -> set[bytes]:
    """How words may stand in a file in clear."""
    return {words.encode(), words.encode("utf-16-le"), json.dumps(words)[1:-1].encode()}


def files_with(root: Path, words: Iterable[str]) -> dict[str, list[str]]:
    """Which words stand in clear in which file under a directory."""
    wanted = {word: spellings(word) for word in words}
    found: dict[str, list[str]] = {}
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        content = path.read_bytes()
        for word, ways in wanted.items():
            if any(way in content for way in ways):
                found.setdefault(str(path.relative_to(root)), []).append(word)
    return found


def rows_with(root: Path, name: str, case_id: str) -> list[tuple[str, tuple[Any, ...]]]:
    """Every row of a database that names a case, with its table."""
    found = []
    with sqlite3.connect(root / f"{name}.db") as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in db.execute(f'SELECT * FROM "{table}"'):
                if any(case_id in str(value) for value in row):
                    found.append((table, row))
    return found
