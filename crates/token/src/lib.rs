//! What a resource server uses to verify access tokens (RFC 9068 over RFC 7519), in process.
//!
//! ```
//! use mandate_token::{Algorithm, Audience, Jwks, Verifier};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (json, token, now) = (r#"{"keys":[]}"#, "a.b.c", 0);
//! let audience = Audience::new("trading_platform")
//!     .issuer("user_service")
//!     .token_type("at+jwt")
//!     .jwks(&[Algorithm::Rs256], Jwks::parse(json)?);
//! let verifier = Verifier::new(audience).revoked_when(|claims| claims.session_id.is_none());
//! match verifier.verify(token, now) {
//!     Ok(claims) => assert!(!claims.sub.is_empty()),
//!     Err(error) => assert_eq!(error.word(), "malformed"),
//! }
//! # Ok(()) }
//! ```
//!
//! Time is an argument (Unix seconds); nothing here reads a clock, the network or a database. Fetching the
//! JWKS is the caller's: on [`Error::UnknownKey`] fetch it, not more often than every minute, and hand it to
//! [`Verifier::replace_jwks`].
//!
//! INVARIANT: the audience, not the token, says which algorithms are possible, and a key is bound to one
//! (RFC 8725, 3.1): `none`, RS256 taken for HS256 and keys embedded in the token do not exist here (`header.rs`).
//! INVARIANT: a claim is read only after the signature was verified (`audience.rs`).
//! INVARIANT: a token seen before is again held against time, keys and the revocation hook (`verifier.rs`).
//! INVARIANT: one token has one reading: names that occur twice and base64url that is not canonical are refused.

mod algorithm;
mod audience;
mod claims;
mod error;
mod header;
mod jwks;
#[cfg(feature = "tower")]
mod layer;
mod secret;
mod verifier;

pub use algorithm::Algorithm;
pub use audience::Audience;
pub use claims::{Act, Claims};
pub use error::{Error, SetupError};
pub use jwks::Jwks;
#[cfg(feature = "tower")]
pub use layer::{Verify, VerifyLayer, bearer};
pub use secret::SharedSecret;
pub use verifier::Verifier;
