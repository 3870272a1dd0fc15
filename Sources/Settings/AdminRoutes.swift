// Sources/Settings/AdminRoutes.swift — the routes that sockets for administration keep to themselves.

/// Which of `/metrics` and `/healthz` are answered on sockets for administration only.
package enum AdminRoutes: Int, Sendable {
    /// Neither: both are answered everywhere.
    case everywhere
    /// `/metrics`.
    case metrics
    /// Both.
    case admin
}
