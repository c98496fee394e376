//! The mount table: what each part of the path space is, for every shared layer.
//!
//! INVARIANT: the layers (authenticate, limits, idempotency, error bodies) read this table and know no path of their
//! own. A dialect is one row here and its slice's routes.

use axum::response::Response;

use crate::kernel::Problem;

/// A part of the path space.
pub(super) struct Mount {
    pub prefix: &'static str,
    pub tokens: Tokens,
    /// The body of an error, from a problem and the request id.
    pub render: fn(&Problem, &str) -> Response,
    pub quota: Quota,
    /// Whether writes may be repeated by `Idempotency-Key`.
    pub idempotent: bool,
}

/// Which tokens are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tokens {
    /// `Authorization: Bearer` with a token for this server's own audience.
    Bearer,
    /// The route asks for itself: a websocket tells its client what is wrong with a token by its close frame.
    ByRoute,
}

/// How requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quota {
    /// By person and kind of act, strangers by address.
    Native,
    /// By address: who comes here is not signed in yet.
    SigningIn,
    /// Not at all.
    Free,
}

/// The first row whose prefix fits; a longer prefix stands before the shorter one that it begins with.
const MOUNTS: &[Mount] = &[
    // what verifiers fetch, under the native prefix by contract
    Mount { quota: Quota::Free, idempotent: false, ..native("/v1/auth/.well-known/") },
    Mount { quota: Quota::SigningIn, idempotent: false, ..native("/v1/auth/") },
    Mount { idempotent: false, ..native("/v1/token") },
    native("/v1/"),
    Mount { tokens: Tokens::ByRoute, quota: Quota::Free, idempotent: false, ..native("/ws/") },
    // the console, health, key sets, and what nobody owns
    Mount { quota: Quota::Free, idempotent: false, ..native("/") },
];

const fn native(prefix: &'static str) -> Mount {
    Mount { prefix, tokens: Tokens::Bearer, render: Problem::render, quota: Quota::Native, idempotent: true }
}

/// The mount of a path.
pub(super) fn of(path: &str) -> &'static Mount {
    MOUNTS.iter().find(|mount| path.starts_with(mount.prefix)).unwrap_or(&MOUNTS[MOUNTS.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_prefix_stands_first() {
        for (index, mount) in MOUNTS.iter().enumerate() {
            let hidden = MOUNTS[..index].iter().find(|before| mount.prefix.starts_with(before.prefix));
            assert!(hidden.is_none(), "{} is hidden by {}", mount.prefix, hidden.map_or("", |m| m.prefix));
        }
        assert_eq!(MOUNTS.last().map(|mount| mount.prefix), Some("/"));
    }

    #[test]
    fn each_path_has_its_mount() {
        assert_eq!(of("/v1/auth/login").quota, Quota::SigningIn);
        assert_eq!(of("/v1/auth/.well-known/jwks.json").quota, Quota::Free);
        assert!(of("/v1/decisions").idempotent && !of("/v1/auth/login").idempotent);
        assert_eq!(of("/ws/quotes").tokens, Tokens::ByRoute);
        assert_eq!(of("/").quota, Quota::Free);
    }
}
