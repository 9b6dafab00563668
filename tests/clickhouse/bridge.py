"""A test-only server of ClickHouse's native protocol in front of chDB: `python -m tests... FOLDER`.

It tests our SQL and our use of the driver where no server can be had, not the server itself: it
announces protocol revision 54440 (settings as texts; no addendum, no parameters), takes no
compression, runs one statement at a time. Blocks are read and written by the driver's own classes.
Prints its port, then serves until it is ended.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from clickhouse_driver.block import BlockInfo
from clickhouse_driver.bufferedreader import BufferedSocketReader
from clickhouse_driver.bufferedwriter import BufferedSocketWriter
from clickhouse_driver.context import Context
from clickhouse_driver.protocol import ClientPacketTypes, ServerPacketTypes
from clickhouse_driver.reader import read_binary_str, read_binary_uint8
from clickhouse_driver.streams.native import BlockInputStream, BlockOutputStream
from clickhouse_driver.varint import read_varint, write_varint
from clickhouse_driver.writer import write_binary_int32, write_binary_str, write_binary_uint8

from projections.growth.literals import quoted

REVISION = 54440
VERSION = (26, 9, 0)
BUFFER = 1 << 20
INSERT = re.compile(r"\s*INSERT\s+INTO\s+(\w+)\s*\(([^)]*)\)\s+VALUES\s*$", re.IGNORECASE)
ANSWERS = re.compile(r"(?:\s|--[^\n]*\n)*(SELECT|WITH|DESCRIBE|SHOW|EXISTS)\b", re.IGNORECASE)


class Memory:
    """What the driver's writer takes for a socket, and keeps what it is sent."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def sendall(self, data: Any) -> None:
        """Keep it."""
        self.kept += data


class Chdb:
    """One session for all connections; statements run one after another."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._session: Any = import_module("chdb.session").Session(str(folder))

    def answer(self, database: str, sql: str, settings: dict[str, str]) -> bytes:
        """The answer in the Native format, whole."""
        with self._lock:
            self._session.query(f"USE {database or 'default'}")
            return bytes(self._session.query(_with(sql, settings), "Native").bytes())

    def insert(self, database: str, sql: str, settings: dict[str, str], native: bytes) -> None:
        """Insert blocks in the Native format as one insert."""
        told = _settings(settings)
        with self._lock:
            self._session.query(f"USE {database or 'default'}")
            text = f"{sql.rpartition('VALUES')[0]} {f'SETTINGS {told}' if told else ''}"
            with self._session.send_insert(text, "Native") as inserter:
                inserter.append(native)
                inserter.finish()


def _with(sql: str, settings: dict[str, str]) -> str:
    if not settings or not ANSWERS.match(sql) or "SETTINGS" in sql:
        return sql
    return f"{sql} SETTINGS {_settings(settings)}"


def _settings(settings: dict[str, str]) -> str:
    return ", ".join(f"{key} = {quoted(value)}" for key, value in settings.items())


def _context(revision: int) -> Context:
    """What the driver's readers and writers want to know; revision 0 is the bare Native format."""
    context = Context()
    context.server_info = SimpleNamespace(used_revision=revision, get_timezone=lambda: "UTC")
    context.client_settings = defaultdict(bool, strings_encoding="utf-8", namedtuple_as_json=True)
    return context


class Connection:
    """One client, from its hello to its end."""

    def __init__(self, sock: socket.socket, chdb: Chdb) -> None:
        self._in, self._out = BufferedSocketReader(sock, BUFFER), BufferedSocketWriter(sock, BUFFER)
        self._chdb, self._database = chdb, ""
        self._context = _context(REVISION)
        self._blocks = BlockInputStream(self._in, self._context)

    def serve(self) -> None:
        """Answer packet after packet."""
        while True:
            kind = read_varint(self._in)
            if kind == ClientPacketTypes.HELLO:
                self._hello()
            elif kind == ClientPacketTypes.PING:
                write_varint(ServerPacketTypes.PONG, self._out)
            elif kind == ClientPacketTypes.QUERY:
                self._query()
            elif kind != ClientPacketTypes.CANCEL:
                raise ValueError(f"packet {kind} is not understood")
            self._out.flush()

    def _hello(self) -> None:
        read_binary_str(self._in)
        for _ in range(3):
            read_varint(self._in)
        self._database = read_binary_str(self._in)
        for _ in range(2):
            read_binary_str(self._in)
        write_varint(ServerPacketTypes.HELLO, self._out)
        write_binary_str("ClickHouse", self._out)
        for number in (*VERSION[:2], REVISION):
            write_varint(number, self._out)
        write_binary_str("UTC", self._out)
        write_binary_str("chdb", self._out)
        write_varint(VERSION[2], self._out)

    def _query(self) -> None:
        sql, settings = self._read_query()
        self._read_block()  # there are no external tables
        try:
            if inserting := INSERT.match(sql):
                self._insert(sql, inserting, settings)
            else:
                self._answer(sql, settings)
        except Exception as error:  # noqa: BLE001 - whatever chDB says goes to the client
            self._refuse(str(error))
            return
        write_varint(ServerPacketTypes.END_OF_STREAM, self._out)

    def _read_query(self) -> tuple[str, dict[str, str]]:
        read_binary_str(self._in)
        read_binary_uint8(self._in)  # client information: what kind of query, then who asks
        for _ in range(3):
            read_binary_str(self._in)
        read_binary_uint8(self._in)
        for _ in range(3):
            read_binary_str(self._in)
        for _ in range(3):
            read_varint(self._in)
        read_binary_str(self._in)
        read_varint(self._in)
        settings = {}
        while setting := read_binary_str(self._in):
            read_binary_uint8(self._in)
            settings[setting] = read_binary_str(self._in)
        read_varint(self._in)
        read_varint(self._in)
        return read_binary_str(self._in), settings

    def _read_block(self) -> Any:
        assert read_varint(self._in) == ClientPacketTypes.DATA
        read_binary_str(self._in)
        return self._blocks.read()

    def _insert(self, sql: str, inserting: re.Match[str], settings: dict[str, str]) -> None:
        self._send(self._columns(f"SELECT {inserting[2]} FROM {inserting[1]}"))
        self._out.flush()
        native = Memory()
        writer = BufferedSocketWriter(native, BUFFER)
        context = _context(0)
        while (block := self._read_block()).num_rows:
            _write(block, BlockOutputStream(writer, context))
        writer.flush()
        if native.kept:
            self._chdb.insert(self._database, sql, settings, bytes(native.kept))

    def _answer(self, sql: str, settings: dict[str, str]) -> None:
        if not ANSWERS.match(sql):
            self._chdb.answer(self._database, sql, settings)
            return
        native = self._chdb.answer(self._database, sql, settings)
        blocks = list(_blocks(native))
        header = blocks[0].columns_with_types if blocks else self._columns(sql)
        self._send(header, blocks)

    def _columns(self, sql: str) -> list[tuple[str, str]]:
        """The names and types of an answer, asked for where it has no row to tell them."""
        described = self._chdb.answer(self._database, f"DESCRIBE ({sql}\n)", {})
        (block,) = _blocks(described)
        return list(zip(*block.data[:2], strict=True))

    def _send(self, columns: list[tuple[str, str]], blocks: Iterable[Any] = ()) -> None:
        """A header of columns, and blocks, as packets: all or none."""
        whole = Memory()
        packets = BufferedSocketWriter(whole, BUFFER)
        write_varint(ServerPacketTypes.DATA, packets)
        write_binary_str("", packets)
        BlockInfo().write(packets)
        write_varint(len(columns), packets)
        write_varint(0, packets)
        for label in chain.from_iterable(columns):
            write_binary_str(label, packets)
        for block in blocks:
            write_varint(ServerPacketTypes.DATA, packets)
            write_binary_str("", packets)
            _write(block, BlockOutputStream(packets, self._context))
        packets.flush()
        self._out.write(bytes(whole.kept))

    def _refuse(self, said: str) -> None:
        code = re.search(r"Code: (\d+)", said)
        write_varint(ServerPacketTypes.EXCEPTION, self._out)
        write_binary_int32(int(code[1]) if code else 1002, self._out)
        for text in ("DB::Exception", said, ""):
            write_binary_str(text, self._out)
        write_binary_uint8(0, self._out)


def _blocks(native: bytes) -> Iterator[Any]:
    """The blocks of the Native format."""
    reader = BlockInputStream(BufferedSocketReader(Reading(native), BUFFER), _context(0))
    with suppress(EOFError):
        while True:
            yield reader.read()


def _write(block: Any, out: BlockOutputStream) -> None:
    block.data = [list(column) for column in block.data]  # the writer works on them in place
    out.write(block)


class Reading:
    """What the driver's reader takes for a socket: bytes that are there already."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def recv_into(self, buffer: Any) -> int:
        """The next bytes; 0 at the end."""
        part = self._data[self._at : self._at + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


def _serve(sock: socket.socket, chdb: Chdb) -> None:
    with sock:
        try:
            Connection(sock, chdb).serve()
        except (EOFError, OSError):
            return


def main(folder: str) -> None:
    """Serve chDB in ``folder`` on a free port of this machine."""
    chdb = Chdb(Path(folder))
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            sock, _ = server.accept()
            threading.Thread(target=_serve, args=(sock, chdb), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
