// Sources/Settings/Key+Names.swift — what a key is called on the command line and in the environment.

import Bytes

extension Key {
    /// Appends the name for `--set`, such as `idleTimeout`.
    @inline(never)
    func writeOptionName(into line: inout ByteWriter) {
        let name = name.bytes
        line.append(name[0] | 0x20)
        line.append(name.extracting(droppingFirst: 1))
    }

    /// Appends the name of the variable, such as `ASYNC_NOSTD_IDLE_TIMEOUT`.
    @inline(never)
    func writeVariableName(into line: inout ByteWriter) {
        let name = name.bytes
        line.write("ASYNC_NOSTD")
        for index in name.indices {
            let isCapital = name[index] < UInt8(ascii: "a")
            if isCapital { line.append(UInt8(ascii: "_")) }
            line.append(name[index] & 0xDF)
        }
    }
}
