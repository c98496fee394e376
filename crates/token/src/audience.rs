//! One audience's rules, and a token judged by them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::header::Header;
use crate::{Algorithm, Claims, Error, Jwks, SharedSecret};

const MAX_TOKEN: usize = 16 * 1024;
/// Seconds by which the clocks of issuer and resource server may differ.
const LEEWAY: i64 = 5;
const MAX_ACTORS: usize = 8;

/// How the tokens for one resource server are verified.
///
/// INVARIANT: its keys are public ones of the algorithms it names, or HS256 secrets; never both.
pub struct Audience {
    name: Option<String>,
    issuers: Vec<String>,
    keys: Keys,
    token_type: Option<String>,
    required: Vec<Demand>,
    leeway: i64,
    max_token: usize,
}

enum Keys {
    None,
    Public { algorithms: Vec<Algorithm>, jwks: Jwks },
    Shared(Box<SharedSecret>),
}

enum Demand {
    Present(String),
    Equal(String, serde_json::Value),
}

impl Audience {
    /// Accepts tokens whose `aud` is or contains `name`.
    pub fn new(name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::unnamed() }
    }

    /// For tokens that carry no `aud`; one that does is refused, since it is for someone else.
    pub fn unnamed() -> Self {
        Self {
            name: None,
            issuers: Vec::new(),
            keys: Keys::None,
            token_type: None,
            required: Vec::new(),
            leeway: LEEWAY,
            max_token: MAX_TOKEN,
        }
    }

    /// Accepts this `iss` (and others added before). Without any, `iss` is not looked at.
    #[must_use]
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.issuers.push(issuer.to_owned());
        self
    }

    /// Verifies by public keys, with these algorithms only. HS256 among them is ignored.
    #[must_use]
    pub fn jwks(mut self, algorithms: &[Algorithm], jwks: Jwks) -> Self {
        let algorithms = algorithms.iter().copied().filter(|a| *a != Algorithm::Hs256).collect();
        self.keys = Keys::Public { algorithms, jwks };
        self
    }

    /// Verifies by HS256 with a shared secret, and by nothing else.
    #[must_use]
    pub fn secret(mut self, secret: SharedSecret) -> Self {
        self.keys = Keys::Shared(Box::new(secret));
        self
    }

    /// Demands this `typ`, such as `at+jwt` (RFC 9068, 4).
    #[must_use]
    pub fn token_type(mut self, typ: &str) -> Self {
        self.token_type = Some(typ.to_owned());
        self
    }

    /// Demands that a claim is there, besides `exp`.
    #[must_use]
    pub fn require(mut self, claim: &str) -> Self {
        self.required.push(Demand::Present(claim.to_owned()));
        self
    }

    /// Demands that a claim which this crate does not know has this value.
    #[must_use]
    pub fn require_value(mut self, claim: &str, value: impl Into<serde_json::Value>) -> Self {
        self.required.push(Demand::Equal(claim.to_owned(), value.into()));
        self
    }

    /// Seconds of grace for `exp` and `nbf`; 5 unless set.
    #[must_use]
    pub fn leeway(mut self, seconds: u32) -> Self {
        self.leeway = i64::from(seconds);
        self
    }

    /// Bytes above which a token is not looked at; 16 KiB unless set.
    #[must_use]
    pub fn max_token(mut self, bytes: usize) -> Self {
        self.max_token = bytes;
        self
    }

    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub fn has_key(&self, kid: &str) -> bool {
        matches!(&self.keys, Keys::Public { jwks, .. } if jwks.has(kid))
    }

    pub(crate) fn set_jwks(&mut self, new: Jwks) {
        if let Keys::Public { jwks, .. } = &mut self.keys {
            *jwks = new;
        }
    }

    pub(crate) fn check_length(&self, token: &str) -> Result<(), Error> {
        if token.len() > self.max_token { Err(Error::TooLong(self.max_token)) } else { Ok(()) }
    }

    /// Verifies without a cache or a revocation hook; see [`crate::Verifier`] for both.
    ///
    /// The order is that of the errors: form, algorithm and key, signature, time, issuer, audience, claims.
    pub fn verify(&self, token: &str, now: i64) -> Result<Claims, Error> {
        self.check_length(token)?;
        let (message, signature) =
            token.rsplit_once('.').ok_or(Error::Malformed("three parts are needed"))?;
        let (head, body) = message.split_once('.').ok_or(Error::Malformed("three parts are needed"))?;
        if body.contains('.') {
            return Err(Error::Malformed("three parts are needed"));
        }
        let head = decode(head)?;
        let header = Header::parse(&head)?;
        if self.token_type.as_deref().is_some_and(|wanted| !header.has_type(wanted)) {
            return Err(Error::WrongType);
        }
        let signature = decode(signature)?;
        self.check_signature(&header, message.as_bytes(), &signature)?;
        let claims = parse_claims(&decode(body)?)?;
        self.check_time(&claims, now)?;
        self.check_claims(&claims)?;
        Ok(claims)
    }

    fn check_signature(&self, header: &Header<'_>, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let algorithm = Algorithm::from_name(&header.alg).ok_or(Error::AlgorithmNotAllowed)?;
        match &self.keys {
            Keys::Public { algorithms, jwks } if algorithms.contains(&algorithm) => jwks
                .find(header.kid.as_deref(), algorithm)?
                .verify_sig(message, signature)
                .map_err(|_| Error::BadSignature),
            Keys::Shared(secret) if algorithm == Algorithm::Hs256 => {
                if secret.verifies(message, signature) {
                    Ok(())
                } else {
                    Err(Error::BadSignature)
                }
            }
            _ => Err(Error::AlgorithmNotAllowed),
        }
    }

    pub(crate) fn check_time(&self, claims: &Claims, now: i64) -> Result<(), Error> {
        if claims.exp.saturating_add(self.leeway) <= now {
            return Err(Error::Expired);
        }
        if claims.nbf.is_some_and(|nbf| nbf > now.saturating_add(self.leeway)) {
            return Err(Error::NotYetValid);
        }
        Ok(())
    }

    fn check_claims(&self, claims: &Claims) -> Result<(), Error> {
        if !self.issuers.is_empty() && !self.issuers.contains(&claims.iss) {
            return Err(Error::WrongIssuer);
        }
        let for_us = match &self.name {
            Some(name) => claims.aud.contains(name),
            None => claims.aud.is_empty(),
        };
        if !for_us {
            return Err(Error::WrongAudience);
        }
        if claims.actors().count() > MAX_ACTORS {
            return Err(Error::WrongClaim("act".to_owned()));
        }
        for demand in &self.required {
            match demand {
                Demand::Present(name) if !claims.has(name) => return Err(Error::MissingClaim(name.clone())),
                Demand::Equal(name, value) => match claims.others.get(name) {
                    None => return Err(Error::MissingClaim(name.clone())),
                    Some(found) if found != value => return Err(Error::WrongClaim(name.clone())),
                    Some(_) => {}
                },
                Demand::Present(_) => {}
            }
        }
        Ok(())
    }
}

/// Canonical base64url without padding, or an error: `AB` and `AA` would otherwise be one signature.
fn decode(part: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Error::Malformed("not canonical base64url without padding"))
}

fn parse_claims(json: &[u8]) -> Result<Claims, Error> {
    serde_json::from_slice(json).map_err(|e| {
        if e.is_data() && e.to_string().starts_with("missing field `exp`") {
            Error::MissingClaim("exp".to_owned())
        } else {
            Error::Malformed("the claims are not one JSON object of the expected types")
        }
    })
}
