// Sources/AsyncNostd/AsyncNostd.swift — the library as one import, for a program with its own `_start`.
//
// This target also carries the linker's flags for a static executable, so that a program's manifest needs none.

@_exported import Bytes
@_exported import HTTP
@_exported import Linux
@_exported import Logging
@_exported import Net
@_exported import Options
@_exported import Runtime
@_exported import Server
@_exported import WebSocket
@_exported import _Concurrency
