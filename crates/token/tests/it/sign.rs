//! Fresh keys of every kind, and tokens signed with them: what the server does when it mints.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{hmac, rsa};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_token::{Algorithm, Claims, Jwks};
use serde_json::{Value, json};

pub const SECRET: &str = "raw:correct-horse-battery-staple-0123";
pub const PREVIOUS: &str = "hex:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
pub const NOW: i64 = 1_700_000_000;

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub struct Keys {
    pub rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl Keys {
    pub fn fresh() -> Self {
        Self {
            rsa: rsa::KeyPair::generate(KeySize::Rsa2048).unwrap(),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            ed: Ed25519KeyPair::generate().unwrap(),
        }
    }

    pub fn jwks_json(&self) -> Value {
        let rsa = self.rsa.public_key();
        let point = self.ec.public_key().as_ref();
        json!({"keys": [
            {"kty": "RSA", "kid": "rsa-1", "use": "sig", "alg": "RS256",
             "n": b64(rsa.modulus().big_endian_without_leading_zero()),
             "e": b64(rsa.exponent().big_endian_without_leading_zero())},
            {"kty": "EC", "kid": "ec-1", "use": "sig", "alg": "ES256", "crv": "P-256",
             "x": b64(&point[1..33]), "y": b64(&point[33..])},
            {"kty": "OKP", "kid": "ed-1", "use": "sig", "alg": "EdDSA", "crv": "Ed25519",
             "x": b64(self.ed.public_key().as_ref())},
        ]})
    }

    pub fn jwks(&self) -> Jwks {
        Jwks::parse(&self.jwks_json().to_string()).unwrap()
    }

    pub fn signature(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        match algorithm {
            Algorithm::Rs256 => {
                let mut out = vec![0; self.rsa.public_modulus_len()];
                self.rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut out).unwrap();
                out
            }
            Algorithm::Es256 => self.ec.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Algorithm::EdDsa => self.ed.sign(message).as_ref().to_vec(),
            Algorithm::Hs256 => hs256(SECRET.strip_prefix("raw:").unwrap().as_bytes(), message),
        }
    }

    /// A token with this text as header and claims, whatever they are.
    pub fn sign_text(&self, algorithm: Algorithm, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", b64(header), b64(claims));
        let signature = self.signature(algorithm, message.as_bytes());
        format!("{message}.{}", b64(signature))
    }

    pub fn sign(&self, algorithm: Algorithm, claims: &Value) -> String {
        self.sign_text(algorithm, &header(algorithm).to_string(), &claims.to_string())
    }
}

pub fn hs256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
}

pub fn header(algorithm: Algorithm) -> Value {
    match algorithm {
        Algorithm::Rs256 => json!({"alg": "RS256", "typ": "at+jwt", "kid": "rsa-1"}),
        Algorithm::Es256 => json!({"alg": "ES256", "typ": "at+jwt", "kid": "ec-1"}),
        Algorithm::EdDsa => json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "ed-1"}),
        Algorithm::Hs256 => json!({"alg": "HS256", "typ": "JWT"}),
    }
}

/// What the server puts into an access token for a person at `NOW`.
pub fn claims() -> Value {
    serde_json::to_value(Claims {
        iss: "user_service".into(),
        aud: vec!["trading_platform".into()],
        sub: "usr_00000000000000000000000000000001".into(),
        exp: NOW + 900,
        nbf: Some(NOW),
        iat: Some(NOW),
        jti: Some("tok_1".into()),
        email: Some("ann@example.com".into()),
        name: Some("Ann".into()),
        roles: vec!["user".into()],
        perms: Some(vec!["orders:create".into(), "orders:read".into()]),
        tenant: Some("default".into()),
        session_id: Some("ses_00000000000000000000000000000001".into()),
        client_id: Some("console".into()),
        amr: vec!["pwd".into()],
        auth_time: Some(NOW),
        generation: Some(3),
        ..Claims::default()
    })
    .unwrap()
}

/// The claims with some of them set, or taken out where the value is null.
pub fn claims_with(changes: Value) -> Value {
    let mut all = claims();
    let object = all.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    all
}
