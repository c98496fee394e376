//! Shared secrets of HS256 audiences, current and previous.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::SetupError;

const MIN_BYTES: usize = 32;

/// The secret of an HS256 audience: the current one, and during a rotation the previous.
///
/// INVARIANT: neither has fewer than 256 bits (RFC 7518, 3.2), and neither can be printed.
pub struct SharedSecret {
    current: Half,
    previous: Option<Half>,
}

struct Half {
    key: hmac::Key,
    fingerprint: String,
}

impl SharedSecret {
    /// Reads `hex:…`, `base64:…` (standard or URL alphabet, padded or not) or `raw:…`; without a prefix the
    /// bytes of the text are the secret, as most libraries take it.
    pub fn parse(text: &str) -> Result<Self, SetupError> {
        Ok(Self { current: Half::parse(text)?, previous: None })
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SetupError> {
        Ok(Self { current: Half::new(bytes)?, previous: None })
    }

    /// Also accepts tokens made with the secret before this one.
    pub fn or_previous(mut self, text: &str) -> Result<Self, SetupError> {
        self.previous = Some(Half::parse(text)?);
        Ok(self)
    }

    /// The first 8 hex digits of the SHA-256 of the current secret: what two sides may compare in the open.
    pub fn fingerprint(&self) -> &str {
        &self.current.fingerprint
    }

    /// In constant time for each of the two.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let by = |half: &Half| hmac::verify(&half.key, message, signature).is_ok();
        by(&self.current) || self.previous.as_ref().is_some_and(by)
    }
}

impl Half {
    fn parse(text: &str) -> Result<Self, SetupError> {
        if let Some(digits) = text.strip_prefix("hex:") {
            let bytes = Zeroizing::new(hex::decode(digits).map_err(|_| SetupError::BadSecret("hex"))?);
            return Self::new(&bytes);
        }
        if let Some(digits) = text.strip_prefix("base64:") {
            let bytes = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
                .into_iter()
                .find_map(|engine| engine.decode(digits).ok())
                .ok_or(SetupError::BadSecret("base64"))?;
            return Self::new(&Zeroizing::new(bytes));
        }
        Self::new(text.strip_prefix("raw:").unwrap_or(text).as_bytes())
    }

    fn new(bytes: &[u8]) -> Result<Self, SetupError> {
        if bytes.len() < MIN_BYTES {
            return Err(SetupError::WeakSecret(bytes.len()));
        }
        let hash = digest::digest(&digest::SHA256, bytes);
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, bytes),
            fingerprint: hex::encode(&hash.as_ref()[..4]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_ways_to_write_one_secret() {
        let bytes = [0xfbu8; 32];
        let by_bytes = SharedSecret::from_bytes(&bytes).ok().unwrap();
        for text in [
            format!("hex:{}", hex::encode(bytes)),
            format!("base64:{}", STANDARD.encode(bytes)),
            format!("base64:{}", URL_SAFE_NO_PAD.encode(bytes)),
        ] {
            assert_eq!(SharedSecret::parse(&text).ok().unwrap().fingerprint(), by_bytes.fingerprint());
        }
        let raw = "0123456789abcdef0123456789abcdef";
        let bare = SharedSecret::parse(raw).ok().unwrap();
        assert_eq!(bare.fingerprint(), "3eb1bd43", "SHA-256 of the text");
        assert_eq!(
            SharedSecret::parse(&format!("raw:{raw}")).ok().unwrap().fingerprint(),
            bare.fingerprint()
        );
    }

    #[test]
    fn refuses_weak_and_misspelt_secrets() {
        let of = |text: &str| SharedSecret::parse(text).err().unwrap();
        assert_eq!(of("short"), SetupError::WeakSecret(5));
        assert_eq!(of("hex:ab"), SetupError::WeakSecret(1));
        assert_eq!(of("hex:xyz"), SetupError::BadSecret("hex"));
        assert_eq!(of("base64:***"), SetupError::BadSecret("base64"));
        assert_eq!(of(&format!("hex:{}", "ab".repeat(31))), SetupError::WeakSecret(31));
    }
}
