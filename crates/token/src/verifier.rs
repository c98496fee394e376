//! Verification with a cache that still checks time and revocation.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest;
use quick_cache::sync::Cache;

use crate::{Audience, Claims, Error, Jwks};

const CACHED_TOKENS: usize = 10_000;

type Digest = [u8; 32];
type Hook = Box<dyn Fn(&Claims) -> bool + Send + Sync>;

/// Verifies the tokens of one audience and remembers those it has seen.
///
/// INVARIANT: what is remembered saves the signature check alone. Each hit is held against `exp` and `nbf`,
/// the revocation hook, and the key set: a token remembered under an older one is verified again.
pub struct Verifier {
    state: RwLock<State>,
    revoked: Option<Hook>,
    seen: Cache<Digest, Seen>,
}

struct State {
    audience: Audience,
    /// Counts the key sets.
    epoch: u64,
}

#[derive(Clone)]
struct Seen {
    claims: Arc<Claims>,
    epoch: u64,
}

impl Verifier {
    pub fn new(audience: Audience) -> Self {
        Self {
            state: RwLock::new(State { audience, epoch: 0 }),
            revoked: None,
            seen: Cache::new(CACHED_TOKENS),
        }
    }

    /// How many verified tokens are remembered; 10,000 unless set, about 1 KB each.
    #[must_use]
    pub fn remembering(mut self, tokens: usize) -> Self {
        self.seen = Cache::new(tokens);
        self
    }

    /// Asked on every verification, also of a remembered token: `true` refuses it. It must be quick and
    /// must not call back into this verifier.
    #[must_use]
    pub fn revoked_when(mut self, hook: impl Fn(&Claims) -> bool + Send + Sync + 'static) -> Self {
        self.revoked = Some(Box::new(hook));
        self
    }

    /// The claims of a valid token. `now` is in Unix seconds.
    pub fn verify(&self, token: &str, now: i64) -> Result<Arc<Claims>, Error> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.audience.check_length(token)?;
        let digest = digest_of(token);
        let claims = match self.seen.get(&digest) {
            Some(seen) if seen.epoch == state.epoch => {
                state.audience.check_time(&seen.claims, now)?;
                seen.claims
            }
            _ => {
                let claims = Arc::new(state.audience.verify(token, now)?);
                self.seen.insert(digest, Seen { claims: claims.clone(), epoch: state.epoch });
                claims
            }
        };
        match &self.revoked {
            Some(revoked) if revoked(&claims) => Err(Error::Revoked),
            _ => Ok(claims),
        }
    }

    /// Uses this key set from now on; tokens by keys that are gone are refused at once.
    pub fn replace_jwks(&self, jwks: Jwks) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.audience.set_jwks(jwks);
        state.epoch += 1;
        self.seen.clear();
    }

    /// Whether the key set holds a key of that id.
    pub fn has_key(&self, kid: &str) -> bool {
        self.state.read().unwrap_or_else(PoisonError::into_inner).audience.has_key(kid)
    }

    /// How many tokens are remembered now.
    pub fn remembered(&self) -> usize {
        self.seen.len()
    }
}

fn digest_of(token: &str) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    out
}
