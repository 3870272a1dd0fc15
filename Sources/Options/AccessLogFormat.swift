// Sources/Options/AccessLogFormat.swift — how the log shows requests.

/// What the log says of each request.
@frozen public enum AccessLogFormat: Int, Sendable {
    /// `[HTTP] fd=5 method=GET route=/ status=200 bytes=1730`; equal ones of a batch share a line.
    case tag
    /// A line for each, in Apache's Combined Log Format, without a tag.
    case combined
    /// Nothing.
    case off
}
