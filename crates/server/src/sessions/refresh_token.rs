//! The refresh token's form.
//!
//! `mrt_` and the base64url of user (16 bytes), session (16), generation (8), secret (32) and a MAC over them (16).
//! The secret's 256 random bits make it unguessable; the MAC tells a token we once gave, whose reuse ends a session,
//! from bytes somebody made up around a session id, which must not end anything.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_seal::Key;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::kernel::{Secret, SessionId, UserId};

const PREFIX: &str = "mrt_";
const MAC: usize = 16;
const BODY: usize = 16 + 16 + 8 + 32;

pub(super) struct RefreshToken {
    pub user: UserId,
    pub session: SessionId,
    pub generation: i64,
    pub secret: Zeroizing<[u8; 32]>,
}

impl RefreshToken {
    fn body(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(BODY + MAC));
        out.extend_from_slice(self.user.0.as_bytes());
        out.extend_from_slice(self.session.0.as_bytes());
        out.extend_from_slice(&self.generation.to_be_bytes());
        out.extend_from_slice(&*self.secret);
        out
    }

    pub fn to_text(&self, key: &hmac::Key) -> Secret<String> {
        let mut bytes = self.body();
        let tag = hmac::sign(key, &bytes);
        bytes.extend_from_slice(&tag.as_ref()[..MAC]);
        Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&*bytes)))
    }

    /// `None` for anything we did not make.
    pub fn parse(text: &str, key: &hmac::Key) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?);
        if bytes.len() != BODY + MAC {
            return None;
        }
        let (body, mac) = bytes.split_at(BODY);
        let expected = hmac::sign(key, body);
        if !bool::from(expected.as_ref()[..MAC].ct_eq(mac)) {
            return None;
        }
        Some(Self {
            user: UserId(Uuid::from_slice(&body[..16]).ok()?),
            session: SessionId(Uuid::from_slice(&body[16..32]).ok()?),
            generation: i64::from_be_bytes(body[32..40].try_into().ok()?),
            secret: Zeroizing::new(body[40..].try_into().ok()?),
        })
    }

    /// What is stored of it.
    pub fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, &self.body()).as_ref().to_vec()
    }

    /// The key under which its successor is sealed: only who holds this token has it.
    pub fn successor_key(&self) -> Key {
        Key::from_bytes(*self.secret).derive("refresh successor")
    }

    pub fn next(&self, secret: [u8; 32]) -> Self {
        Self {
            user: self.user,
            session: self.session,
            generation: self.generation + 1,
            secret: Zeroizing::new(secret),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_bytes_parse() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]);
        let token = RefreshToken {
            user: UserId(Uuid::from_u128(1)),
            session: SessionId(Uuid::from_u128(2)),
            generation: 3,
            secret: Zeroizing::new([4; 32]),
        };
        let text = token.to_text(&key).expose().clone();
        let parsed = RefreshToken::parse(&text, &key).unwrap();
        assert_eq!((parsed.user, parsed.session, parsed.generation), (token.user, token.session, 3));
        assert_eq!(parsed.hash(), token.hash());
        assert_ne!(token.next([4; 32]).hash(), token.hash());
        for at in 4..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(RefreshToken::parse(&changed, &key).is_none(), "{at}");
        }
        for text in ["", "mrt_", "mrt_AAAA", "nonsense", &text[4..]] {
            assert!(RefreshToken::parse(text, &key).is_none());
        }
        assert!(RefreshToken::parse(&text, &hmac::Key::new(hmac::HMAC_SHA256, &[2; 32])).is_none());
    }
}
