//! Signing keys: made, sealed, parsed once.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::model::{Algorithm, Error};
use crate::kernel::Secret;

/// A private key that is ready to sign.
pub(super) enum Signer {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

fn refuse(error: impl std::fmt::Display) -> Error {
    Error::Key(error.to_string())
}

/// A new key: PKCS#8.
pub(super) fn generate(algorithm: Algorithm) -> Result<Secret<Vec<u8>>, Error> {
    let bytes = match algorithm {
        Algorithm::Rs256 => RsaKeyPair::generate(KeySize::Rsa2048)
            .map_err(refuse)?
            .as_der()
            .map_err(refuse)?
            .as_ref()
            .to_vec(),
        Algorithm::Es256 => {
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .map_err(refuse)?
                .as_ref()
                .to_vec()
        }
        Algorithm::EdDsa => {
            Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8()).map_err(refuse)?.as_ref().to_vec()
        }
    };
    Ok(Secret::new(bytes))
}

impl Signer {
    pub fn parse(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, Error> {
        Ok(match algorithm {
            Algorithm::Rs256 => Self::Rsa(RsaKeyPair::from_pkcs8(pkcs8).map_err(refuse)?),
            Algorithm::Es256 => Self::Ecdsa(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(refuse)?,
            ),
            Algorithm::EdDsa => Self::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8).map_err(refuse)?),
        })
    }

    /// The public half as a JWK (RFC 7517; RFC 8037 for Ed25519).
    pub fn jwk(&self, kid: &str) -> Value {
        let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair) => {
                let public = pair.public_key();
                json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
                    "n": b64(public.modulus().big_endian_without_leading_zero()),
                    "e": b64(public.exponent().big_endian_without_leading_zero()) })
            }
            Self::Ecdsa(pair) => {
                // an uncompressed point: 0x04, x, y
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": b64(x), "y": b64(y) })
            }
            Self::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid,
                "x": b64(pair.public_key().as_ref()) })
            }
        }
    }

    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let random = SystemRandom::new();
        Ok(match self {
            Self::Rsa(pair) => {
                let mut out = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut out).map_err(refuse)?;
                out
            }
            Self::Ecdsa(pair) => pair.sign(&random, message).map_err(refuse)?.as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        })
    }
}
