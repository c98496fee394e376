//! Why a token is refused.

/// Why a token was refused. [`Error::word`] is stable: logs, metrics and the conformance vectors use it.
///
/// No variant carries any part of the token except the name of a claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the token is longer than {0} bytes")]
    TooLong(usize),
    #[error("not a signed token: {0}")]
    Malformed(&'static str),
    /// The algorithm is not one of the audience's, or the key's is another.
    #[error("the algorithm is not allowed here")]
    AlgorithmNotAllowed,
    /// `crit`, `jwk`, `jku`, `x5u`, `x5c`, `b64`, `zip` or `enc`.
    #[error("the header parameter {0} is not allowed")]
    HeaderNotAllowed(&'static str),
    #[error("the token is of another type")]
    WrongType,
    /// Worth one fetch of the JWKS, with a bound on how often.
    #[error("no key for this token")]
    UnknownKey,
    #[error("invalid signature")]
    BadSignature,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("wrong issuer")]
    WrongIssuer,
    #[error("wrong audience")]
    WrongAudience,
    #[error("the claim {0} is missing")]
    MissingClaim(String),
    /// The claim is there with another type or value than the audience demands.
    #[error("the claim {0} is wrong")]
    WrongClaim(String),
    #[error("the token was revoked")]
    Revoked,
}

impl Error {
    pub fn word(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "too_long",
            Self::Malformed(_) => "malformed",
            Self::AlgorithmNotAllowed => "algorithm_not_allowed",
            Self::HeaderNotAllowed(_) => "header_not_allowed",
            Self::WrongType => "wrong_type",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::MissingClaim(_) => "missing_claim",
            Self::WrongClaim(_) => "wrong_claim",
            Self::Revoked => "revoked",
        }
    }
}

/// What is wrong with the keys or secrets that an audience was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    #[error("a shared secret needs at least 256 bits (32 bytes); this one has {0} bytes")]
    WeakSecret(usize),
    #[error("the shared secret is not {0}")]
    BadSecret(&'static str),
    #[error("not a JWKS: {0}")]
    BadJwks(String),
    #[error("two keys of the JWKS share the key id {0}")]
    SameKeyId(String),
    /// Whoever published it should replace the key at once.
    #[error("the JWKS contains a private key ({0})")]
    PrivateKey(String),
}
