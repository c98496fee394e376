//! Verification and signing, in process, beside the raw primitive and the usual library.

use std::hint::black_box;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    hmac, rsa,
};
use jsonwebtoken as jwt;
use mandate::kernel::{Clock as _, Kernel, SessionId, SystemClock, UserId};
use mandate::tokens::{Subject as Person, Tokens};
use mandate_token::{Algorithm, Audience, Claims, Jwks, SharedSecret, Verifier};

use crate::Failure;
use crate::sample::{Subject, in_turns};
use crate::table::{Row, Section};

const SECRET: &[u8; 32] = b"a shared secret of 32 bytes, raw";

/// A key of each kind, for signing by the primitive and by the other library.
#[allow(clippy::large_enum_variant)] // a handful of keys live for one run
enum Key {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Hmac(hmac::Key),
}

struct Kit {
    algorithm: Algorithm,
    key: Key,
    other: jwt::EncodingKey,
}

fn kit(algorithm: Algorithm) -> Result<Kit, Failure> {
    let (key, other) = match algorithm {
        Algorithm::Rs256 => {
            let pair = rsa::KeyPair::generate(KeySize::Rsa2048)?;
            let der: Pkcs8V1Der<'_> = pair.as_der()?;
            // the other library wants the PKCS#1 key inside, after 26 bytes of wrapping
            let inner = (*der).as_ref().get(26..).ok_or("an RSA key")?.to_vec();
            (Key::Rsa(Box::new(pair)), jwt::EncodingKey::from_rsa_der(&inner))
        }
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
            let der = pair.to_pkcs8v1()?;
            (Key::Ec(pair), jwt::EncodingKey::from_ec_der(der.as_ref()))
        }
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate()?;
            let der = pair.to_pkcs8()?;
            (Key::Ed(pair), jwt::EncodingKey::from_ed_der(der.as_ref()))
        }
        Algorithm::Hs256 => {
            (Key::Hmac(hmac::Key::new(hmac::HMAC_SHA256, SECRET)), jwt::EncodingKey::from_secret(SECRET))
        }
    };
    Ok(Kit { algorithm, key, other })
}

impl Kit {
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Rsa(pair) => {
                let mut out = vec![0; pair.public_modulus_len()];
                let signed = pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut out);
                debug_assert!(signed.is_ok());
                out
            }
            Key::Ec(pair) => pair.sign(&random, message).map(|s| s.as_ref().to_vec()).unwrap_or_default(),
            Key::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Key::Hmac(key) => hmac::sign(key, message).as_ref().to_vec(),
        }
    }

    fn public(&self) -> &[u8] {
        match &self.key {
            Key::Rsa(pair) => pair.public_key().as_ref(),
            Key::Ec(pair) => pair.public_key().as_ref(),
            Key::Ed(pair) => pair.public_key().as_ref(),
            Key::Hmac(_) => SECRET,
        }
    }

    fn name(&self) -> jwt::Algorithm {
        match self.algorithm {
            Algorithm::Rs256 => jwt::Algorithm::RS256,
            Algorithm::Es256 => jwt::Algorithm::ES256,
            Algorithm::EdDsa => jwt::Algorithm::EdDSA,
            Algorithm::Hs256 => jwt::Algorithm::HS256,
        }
    }

    fn header(&self) -> jwt::Header {
        jwt::Header { kid: Some("k".into()), typ: Some("at+jwt".into()), ..jwt::Header::new(self.name()) }
    }

    fn other_decoding(&self) -> jwt::DecodingKey {
        match self.algorithm {
            Algorithm::Rs256 => jwt::DecodingKey::from_rsa_der(self.public()),
            Algorithm::Es256 => jwt::DecodingKey::from_ec_der(self.public()),
            Algorithm::EdDsa => jwt::DecodingKey::from_ed_der(self.public()),
            Algorithm::Hs256 => jwt::DecodingKey::from_secret(SECRET),
        }
    }

    fn audience(&self) -> Result<Audience, Failure> {
        let audience = Audience::new("trading_platform").issuer("user_service").token_type("at+jwt");
        Ok(match self.algorithm {
            Algorithm::Hs256 => audience.secret(SharedSecret::from_bytes(SECRET)?),
            other => audience.jwks(&[other], Jwks::default().with_key("k", other, self.public())?),
        })
    }

    /// The signature check alone, on bytes that are decoded already.
    #[allow(clippy::type_complexity)] // one closure per algorithm
    fn primitive(&self) -> Result<Box<dyn Fn(&[u8], &[u8]) -> bool + '_>, Failure> {
        let public = match self.algorithm {
            Algorithm::Rs256 => ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.public())?,
            Algorithm::Es256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.public())?,
            Algorithm::EdDsa => ParsedPublicKey::new(&ED25519, self.public())?,
            Algorithm::Hs256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
                return Ok(Box::new(move |message, signature| {
                    hmac::verify(&key, message, signature).is_ok()
                }));
            }
        };
        Ok(Box::new(move |message, signature| public.verify_sig(message, signature).is_ok()))
    }
}

fn claims(now: i64) -> Claims {
    Claims {
        iss: "user_service".into(),
        aud: vec!["trading_platform".into()],
        sub: "usr_019a5b0c7d8e7f00a1b2c3d4e5f60718".into(),
        exp: now + 900,
        nbf: Some(now),
        iat: Some(now),
        jti: Some("019a5b0c7d8e7f00a1b2c3d4e5f60718".into()),
        email: Some("ann@example.com".into()),
        name: Some("Ann Example".into()),
        roles: vec!["user".into()],
        tenant: Some("default".into()),
        session_id: Some("ses_019a5b0c7d8e7f00a1b2c3d4e5f60718".into()),
        amr: vec!["pwd".into()],
        auth_time: Some(now),
        generation: Some(3),
        ..Claims::default()
    }
}

fn verify(algorithm: Algorithm, now: i64) -> Result<Vec<Row>, Failure> {
    let kit = kit(algorithm)?;
    let token = jwt::encode(&kit.header(), &claims(now), &kit.other)?;
    let (message, signature) = token.rsplit_once('.').ok_or("a token")?;
    let signature = kit.sign_like(message.as_bytes(), signature)?;
    let primitive = kit.primitive()?;
    let (audience, verifier) = (kit.audience()?, Verifier::new(kit.audience()?).revoked_when(|_| false));
    let (decoding, mut rules) = (kit.other_decoding(), jwt::Validation::new(kit.name()));
    rules.set_audience(&["trading_platform"]);
    rules.set_issuer(&["user_service"]);
    // each of the four must accept, or what follows would time refusals
    let accepted = primitive(message.as_bytes(), &signature)
        && audience.verify(&token, now).is_ok()
        && verifier.verify(&token, now).is_ok()
        && jwt::decode::<Claims>(&token, &decoding, &rules).is_ok();
    if !accepted {
        return Err(format!("{algorithm}: a verifier refuses the token of the benchmark").into());
    }
    let times = in_turns(vec![
        Subject::new("raw", || {
            black_box(primitive(message.as_bytes(), &signature));
        }),
        Subject::new("uncached", || {
            black_box(audience.verify(&token, now)).ok();
        }),
        Subject::new("cached", || {
            black_box(verifier.verify(&token, now)).ok();
        }),
        Subject::new("jsonwebtoken", || {
            black_box(jwt::decode::<Claims>(&token, &decoding, &rules)).ok();
        }),
    ]);
    let [raw, uncached, cached, other] = [times[0].1, times[1].1, times[2].1, times[3].1];
    let target = if algorithm == Algorithm::Hs256 { "" } else { "≤ 1.1 × raw" };
    Ok(vec![
        Row::new(format!("{algorithm} verify, first sight"), format!("{uncached:.2} µs"))
            .beside(format!(
                "raw {raw:.2} µs ({:.2} ×), jsonwebtoken {other:.2} µs ({:.2} ×)",
                uncached / raw,
                uncached / other
            ))
            .target(target),
        Row::new(format!("{algorithm} verify, seen before"), format!("{cached:.2} µs"))
            .beside(format!("jsonwebtoken {:.0} × slower", other / cached))
            .target("≤ 1 µs and ≥ 20 ×"),
    ])
}

impl Kit {
    /// The token's signature as bytes; for the deterministic algorithms it must be ours too.
    fn sign_like(&self, message: &[u8], encoded: &str) -> Result<Vec<u8>, Failure> {
        let own = self.sign(message);
        let kid_free = self.algorithm == Algorithm::Es256;
        let same = kid_free || encoded.len() == (own.len() * 4).div_ceil(3);
        if same { Ok(own) } else { Err("the two libraries sign differently".into()) }
    }
}

/// Minting by the server's own code, beside the signature alone and the other library.
async fn sign(algorithm: Algorithm, now: i64) -> Result<Row, Failure> {
    let kit = kit(algorithm)?;
    let dir = tempfile::tempdir()?;
    let mut config = mandate::config::Config { data_dir: dir.path().join("data"), ..Default::default() };
    config.tokens = serde_json::from_value(serde_json::json!({ "algorithm": algorithm.name() }))?;
    let kernel = Kernel::open(&config, Arc::new(SystemClock)).await?;
    let tokens = Tokens::open(kernel.clone(), config.tokens).await?;
    let (roles, amr, at) = (["user".to_owned()], ["pwd".to_owned()], kernel.clock.now());
    let person = Person {
        user: UserId::new(kernel.rng, at),
        email: "ann@example.com",
        name: "Ann Example",
        roles: &roles,
        tenant: "default",
        session: SessionId::new(kernel.rng, at),
        generation: 3,
        amr: &amr,
        auth_time: at,
    };
    let token = tokens.mint(&person)?.token;
    let message = token.rsplit_once('.').ok_or("a token")?.0.as_bytes();
    let (header, claims) = (kit.header(), claims(now));
    let times = in_turns(vec![
        Subject::new("raw", || {
            black_box(kit.sign(message));
        }),
        Subject::new("mint", || {
            black_box(tokens.mint(&person)).ok();
        }),
        Subject::new("jsonwebtoken", || {
            black_box(jwt::encode(&header, &claims, &kit.other)).ok();
        }),
    ]);
    kernel.db.close().await;
    let [raw, mint, other] = [times[0].1, times[1].1, times[2].1];
    Ok(Row::new(format!("{algorithm} mint an access token"), format!("{mint:.1} µs")).beside(format!(
        "raw signature {raw:.1} µs ({:.2} ×), jsonwebtoken {other:.1} µs ({:.2} ×)",
        mint / raw,
        mint / other
    )))
}

pub async fn measure() -> Result<Section, Failure> {
    let now = SystemClock.now().unix();
    let mut rows = Vec::new();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Hs256] {
        rows.extend(verify(algorithm, now)?);
    }
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        rows.push(sign(algorithm, now).await?);
    }
    Ok(Section {
        title: "Tokens, in process",
        how: "One thread; the median of 25 batches, taken in turns. `raw` is the signature primitive of aws-lc with a \
              parsed key, on bytes that are decoded already; `jsonwebtoken` is version 11 with the same primitive. \
              Revocation and expiry are checked on both of our paths; minting includes the claims."
            .into(),
        rows,
    })
}
