// Sources/Server/ServerSettings+Limits.swift — a server's settings in the form that the protocols take them.

import HTTP
import WebSocket

// For programs that name them.
@_exported import struct Options.ByteCount
@_exported import struct Options.Milliseconds
@_exported import struct Options.ServerSettings

extension ServerSettings {
    /// Limits on a request's head.
    var limits: RequestLimits {
        @inline(__always) get {
            RequestLimits(target: maxRequestTarget.rawValue, head: maxRequestHead.rawValue, fields: maxHeaderFields)
        }
    }

    /// Largest body of a request, in bytes.
    var maxBody: UInt64 {
        @inline(__always) get { UInt64(truncatingIfNeeded: maxRequestBody.rawValue) }
    }

    /// Limits on the frames and messages of WebSockets.
    var frameLimits: FrameLimits {
        @inline(__always) get {
            var limits = FrameLimits()
            limits.maxFrame = maxFrame.rawValue
            limits.maxMessage = maxMessage.rawValue
            return limits
        }
    }
}
