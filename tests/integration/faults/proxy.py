"""The network between a node and a broker: it can be cut, go silent, or lie."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Thread
from typing import Any

_PRODUCE = 0
"""The number of Kafka's produce request; its first field."""


class Proxy:
    """Forwards connections from one port to another, on a thread of its own.

    ``cut`` ends every connection and takes no new one; ``silence`` keeps them and forwards nothing;
    ``lie`` hands what is produced for one topic to another of the same length, so that the broker
    truly acknowledges what the first one never gets. ``heal`` ends all of that.
    """

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.lies = 0
        self._true_name, self._false_name = b"", b""
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", port))

    def cut(self) -> None:
        """End every connection; new ones are ended at once."""
        self._is_cut = True
        self._call(self._abort)

    def silence(self) -> None:
        """Forward nothing any more, and end nothing."""
        self._call(self._open.clear)

    def lie(self, true: str, false: str) -> None:
        """Let the broker acknowledge what it was told to put elsewhere."""
        assert len(true) == len(false), "the requests keep their lengths"
        self._true_name, self._false_name = true.encode(), false.encode()

    def heal(self) -> None:
        """Be a network like any other."""
        self._is_cut, self._true_name, self._false_name = False, b"", b""
        self._call(self._open.set)

    def close(self) -> None:
        """Let the port go."""
        self.heal()
        self._call(self._server.close)
        self._call(self._abort)
        self._call(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def _call(self, function: Any) -> None:
        async def called() -> None:
            function()

        self._run(called()) if function != self._loop.stop else self._loop.call_soon_threadsafe(
            function
        )

    def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, there[1]}
        misled: set[bytes] = set()
        pumps = [
            asyncio.ensure_future(self._pump(reader, there[1], misled, asks=True)),
            asyncio.ensure_future(self._pump(there[0], writer, misled, asks=False)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for one in (writer, there[1]):
            one.transport.abort()
            self._writers.discard(one)
        await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        misled: set[bytes],
        *,
        asks: bool,
    ) -> None:
        """Forward whole frames: four bytes of length, then as many."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                size = await reader.readexactly(4)
                frame = await reader.readexactly(int.from_bytes(size))
                await self._open.wait()
                frame = self._misled(frame, misled) if asks else self._covered(frame, misled)
                writer.write(size + frame)
                await writer.drain()

    def _misled(self, frame: bytes, misled: set[bytes]) -> bytes:
        """A request: api key and version of two bytes each, then four that name the request."""
        if not self._true_name or int.from_bytes(frame[:2]) != _PRODUCE:
            return frame
        self.lies += 1
        misled.add(frame[4:8])
        return frame.replace(self._true_name, self._false_name)

    def _covered(self, frame: bytes, misled: set[bytes]) -> bytes:
        """An answer: four bytes that name the request."""
        if frame[:4] not in misled:
            return frame
        misled.discard(frame[:4])
        return frame.replace(self._false_name, self._true_name)
