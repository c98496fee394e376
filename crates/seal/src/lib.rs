//! Envelope encryption for the secrets that the server stores for other people.
//!
//! Every secret is sealed under a data key of its own (AES-256-GCM); the data key is wrapped by a
//! [`Wrap`] (the [`LocalKeyFile`], or a key service) and travels in the sealed text:
//!
//! ```text
//! ms1.<key id>.<wrapped data key>.<nonce and ciphertext>      base64url without padding
//! ```
//!
//! Rotation therefore re-wraps 60 bytes and leaves the ciphertext alone, and forgetting the wrapped data
//! key ([`Sealed::shred`]) destroys the secret while the row stays for the audit.
//!
//! ```
//! use mandate_seal::{Fill, Key, LocalKeyFile};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?; let path = dir.path().join("keys");
//! # let fill: Fill = &|b: &mut [u8]| aws_lc_rs::rand::fill(b).unwrap();
//! let keys = LocalKeyFile::open_or_create(&path, fill)?;
//! let text = keys.seal(fill, &["usr_1", "connection", "con_9"], b"hunter2")?;
//! assert_eq!(keys.open(&["usr_1", "connection", "con_9"], &text)?.expose(), b"hunter2");
//! assert!(keys.open(&["usr_2", "connection", "con_9"], &text).is_err());
//! # Ok(()) }
//! ```
//!
//! INVARIANT: a sealed text opens only with the list of parts it was sealed with; parts are
//! length-prefixed, so that `["a","bc"]` is not `["ab","c"]` (`bind.rs`).
//! INVARIANT: no secret, key or plaintext has a `Debug` or `Display`, and each is zeroed on drop (`secret.rs`).
//! INVARIANT: nothing here reads a clock, the network or an ambient random source; randomness is [`Fill`].
//! INVARIANT: parsing any bytes ends in a value or an error, never in a panic (`sealed.rs`, property tests).

mod bind;
mod envelope;
mod error;
mod key;
mod keyfile;
mod keyring;
mod sealed;
mod secret;
mod wrap;

pub use bind::bind;
pub use envelope::{open, rewrap, seal};
pub use error::Error;
pub use key::Key;
pub use keyfile::LocalKeyFile;
pub use sealed::Sealed;
pub use secret::Secret;
pub use wrap::{Wrap, Wrapped, Wrapping};

/// Fills the buffer with cryptographically strong random bytes.
pub type Fill<'a> = &'a (dyn Fn(&mut [u8]) + Send + Sync);
