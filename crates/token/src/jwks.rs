//! Public keys, parsed once.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::{Algorithm, Error, SetupError};

/// A set of public keys (RFC 7517), each parsed once and bound to one algorithm.
///
/// Keys for encryption, of other types or curves, or with an RSA modulus under 2048 bits are left out.
#[derive(Default)]
pub struct Jwks {
    keys: Vec<Key>,
}

struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    public: ParsedPublicKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<serde::de::IgnoredAny>,
}

impl Jwks {
    /// # Errors
    /// `BadJwks` for a document that is not one or a signature key that does not parse, `PrivateKey` when
    /// it publishes one, `SameKeyId` when two signature keys cannot be told apart.
    pub fn parse(json: &str) -> Result<Self, SetupError> {
        let document: Document =
            serde_json::from_str(json).map_err(|e| SetupError::BadJwks(e.to_string()))?;
        let mut keys: Vec<Key> = Vec::new();
        for jwk in document.keys {
            let name = jwk.kid.clone().unwrap_or_default();
            if jwk.d.is_some() {
                return Err(SetupError::PrivateKey(name));
            }
            let Some(algorithm) = jwk.algorithm() else { continue };
            let Some(public) = jwk.public(algorithm)? else { continue };
            let taken = keys.iter().any(|k| k.kid == jwk.kid && k.algorithm == algorithm);
            if taken {
                return Err(SetupError::SameKeyId(name));
            }
            keys.push(Key { kid: jwk.kid, algorithm, public });
        }
        Ok(Self { keys })
    }

    /// Adds a key that is at hand (raw Ed25519 or uncompressed P-256 point, RSA as SubjectPublicKeyInfo or PKCS#1).
    pub fn with_key(mut self, kid: &str, algorithm: Algorithm, public: &[u8]) -> Result<Self, SetupError> {
        let parsed = match algorithm {
            Algorithm::Rs256 => ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public),
            Algorithm::Es256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public),
            Algorithm::EdDsa => ParsedPublicKey::new(&ED25519, public),
            Algorithm::Hs256 => return Err(SetupError::BadJwks("HS256 has no public key".to_owned())),
        };
        let public = parsed.map_err(|e| SetupError::BadJwks(format!("key {kid}: {e}")))?;
        self.keys.push(Key { kid: Some(kid.to_owned()), algorithm, public });
        Ok(self)
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub fn has(&self, kid: &str) -> bool {
        self.keys.iter().any(|k| k.kid.as_deref() == Some(kid))
    }

    /// The key with that id; without an id, the only key of that algorithm.
    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&ParsedPublicKey, Error> {
        let mut named = self.keys.iter().filter(|k| kid.is_none() || k.kid.as_deref() == kid);
        if kid.is_some() {
            // a key of that name with another algorithm is confusion, not a rotation
            let mut seen = false;
            return named
                .find(|k| {
                    seen = true;
                    k.algorithm == algorithm
                })
                .map(|k| &k.public)
                .ok_or(if seen { Error::AlgorithmNotAllowed } else { Error::UnknownKey });
        }
        let mut fitting = named.filter(|k| k.algorithm == algorithm);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(&only.public),
            _ => Err(Error::UnknownKey),
        }
    }
}

impl Jwk {
    fn algorithm(&self) -> Option<Algorithm> {
        if self.usage.as_deref().is_some_and(|u| u != "sig") {
            return None;
        }
        let by_type = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => Algorithm::Rs256,
            ("EC", Some("P-256")) => Algorithm::Es256,
            ("OKP", Some("Ed25519")) => Algorithm::EdDsa,
            _ => return None,
        };
        // RFC 9864 names Ed25519 apart; both mean this key
        let named = self
            .alg
            .as_deref()
            .is_none_or(|alg| alg == by_type.name() || (alg == "Ed25519" && by_type == Algorithm::EdDsa));
        named.then_some(by_type)
    }

    fn public(&self, algorithm: Algorithm) -> Result<Option<ParsedPublicKey>, SetupError> {
        let bad = |what: &str| {
            SetupError::BadJwks(format!("key {}: {what}", self.kid.as_deref().unwrap_or("without id")))
        };
        let bytes = |part: &Option<String>, name: &str| {
            let text = part.as_deref().ok_or_else(|| bad(&format!("no {name}")))?;
            URL_SAFE_NO_PAD.decode(text).map_err(|_| bad(&format!("{name} is not base64url")))
        };
        let parsed = match algorithm {
            Algorithm::Rs256 => {
                let (n, e) = (bytes(&self.n, "n")?, bytes(&self.e, "e")?);
                if n.len() < 256 {
                    return Ok(None);
                }
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            }
            Algorithm::Es256 => {
                let mut point = vec![4];
                point.extend(bytes(&self.x, "x")?);
                point.extend(bytes(&self.y, "y")?);
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            }
            Algorithm::EdDsa => ParsedPublicKey::new(&ED25519, bytes(&self.x, "x")?),
            Algorithm::Hs256 => return Ok(None),
        };
        parsed.map(Some).map_err(|_| bad("is not a valid public key"))
    }
}
