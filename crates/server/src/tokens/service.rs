//! Minting and verifying access tokens.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sqlx::types::Json;

use super::keys::{Signer, generate};
use super::model::{Algorithm, Config, Error, Minted, Subject};
use super::store::{self, KeyRow};
use crate::kernel::Kernel;
use mandate_token::{Audience, Claims, Jwks, Verifier};

/// The native audience's keys and rules.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

struct Inner {
    kernel: Kernel,
    config: Config,
    signer: Signer,
    /// The JOSE header of every token, encoded once.
    header: String,
    verifier: Verifier,
    jwks: Published,
}

/// The JWKS document as it is served.
#[derive(Clone)]
pub(super) struct Published {
    pub body: bytes::Bytes,
    pub etag: http::HeaderValue,
}

impl Tokens {
    /// Loads the keys; makes the first one on the first start.
    pub async fn open(kernel: Kernel, config: Config) -> Result<Self, Error> {
        let mut rows = store::live(&mut kernel.db.read().await?, kernel.clock.now()).await?;
        let current = |rows: &[KeyRow]| {
            rows.iter().position(|row| row.state == "current" && row.algorithm == config.algorithm.name())
        };
        if current(&rows).is_none() {
            make_key(&kernel, config.algorithm, "current").await?;
            rows = store::live(&mut kernel.db.read().await?, kernel.clock.now()).await?;
        }
        let row =
            current(&rows).map(|at| &rows[at]).ok_or_else(|| Error::Key("there is no current key".into()))?;
        let pkcs8 = kernel.sealer.open(&["system", "signing_key", &row.kid], &row.private_key).await?;
        let signer = Signer::parse(config.algorithm, pkcs8.expose())?;
        let header = json!({ "alg": config.algorithm.name(), "typ": "at+jwt", "kid": row.kid }).to_string();
        let keys: Vec<&Value> = rows.iter().map(|row| &row.public_jwk.0).collect();
        let document = json!({ "keys": keys }).to_string();
        let verifier = verifier(&config, &document)?;
        let jwks = Published { etag: etag(document.as_bytes()), body: document.into() };
        let header = URL_SAFE_NO_PAD.encode(header);
        Ok(Self(Arc::new(Inner { kernel, config, signer, header, verifier, jwks })))
    }

    /// An access token (RFC 9068) for a session.
    pub fn mint(&self, subject: &Subject<'_>) -> Result<Minted, Error> {
        let Inner { kernel, config, .. } = &*self.0;
        let now = kernel.clock.now().unix();
        let lifetime = i64::try_from(config.access_ttl_seconds).unwrap_or(900);
        let claims = json!({
            "iss": config.issuer,
            "aud": config.audience,
            "sub": subject.user,
            "email": subject.email,
            "name": subject.name,
            "roles": subject.roles,
            "tenant": subject.tenant,
            "session_id": subject.session,
            "gen": subject.generation,
            "jti": kernel.rng.uuid().simple().to_string(),
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "amr": subject.amr,
            "auth_time": subject.auth_time.unix(),
        });
        let mut token = String::with_capacity(1_200);
        token.push_str(&self.0.header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let signature = self.0.signer.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(Minted { token, expires_in: config.access_ttl_seconds })
    }

    /// How long an access token lasts.
    pub fn lifetime(&self) -> std::time::Duration {
        crate::kernel::seconds(self.0.config.access_ttl_seconds)
    }

    /// Verifies a token of the native audience; the session's state is the caller's to check.
    pub fn verify(&self, token: &str) -> Result<Arc<Claims>, Error> {
        self.0.verifier.verify(token, self.0.kernel.clock.now().unix()).map_err(Error::Invalid)
    }

    pub(super) fn jwks(&self) -> Published {
        self.0.jwks.clone()
    }
}

fn verifier(config: &Config, jwks: &str) -> Result<Verifier, Error> {
    let keys = Jwks::parse(jwks).map_err(|error| Error::Key(error.to_string()))?;
    let algorithm = match config.algorithm {
        Algorithm::Rs256 => mandate_token::Algorithm::Rs256,
        Algorithm::Es256 => mandate_token::Algorithm::Es256,
        Algorithm::EdDsa => mandate_token::Algorithm::EdDsa,
    };
    let audience = Audience::new(&config.audience)
        .issuer(&config.issuer)
        .jwks(&[algorithm], keys)
        .token_type("at+jwt")
        .require("sub")
        .require("session_id")
        .require("jti");
    Ok(Verifier::new(audience))
}

fn etag(body: &[u8]) -> http::HeaderValue {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
    let text = format!("\"{}\"", hex::encode(&digest.as_ref()[..8]));
    http::HeaderValue::from_str(&text).unwrap_or_else(|_| http::HeaderValue::from_static("\"jwks\""))
}

async fn make_key(kernel: &Kernel, algorithm: Algorithm, state: &str) -> Result<(), Error> {
    let kid = kernel.rng.uuid().simple().to_string();
    let pkcs8 = tokio::task::spawn_blocking(move || generate(algorithm))
        .await
        .map_err(|error| Error::Key(error.to_string()))??;
    let jwk = Signer::parse(algorithm, pkcs8.expose())?.jwk(&kid);
    let private_key = kernel.sealer.seal(&["system", "signing_key", &kid], pkcs8.expose()).await?;
    let row = KeyRow {
        kid,
        algorithm: algorithm.name().to_owned(),
        private_key,
        public_jwk: Json(jwk),
        state: state.to_owned(),
    };
    let mut tx = kernel.db.begin().await?;
    // When another node was first, its key is the one that is used.
    store::insert(&mut tx, &row, kernel.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
