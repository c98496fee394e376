//! One key: sealing under it, deriving others from it.

use std::fmt::Write as _;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Error, Fill, Secret};

/// 32 secret bytes: an AES-256-GCM key, or the root from which others are derived.
///
/// Under one key at most 2^32 texts may be sealed with random nonces (NIST SP 800-38D, 8.3). Data keys
/// seal one text each; a wrapping key is far from the bound in any installation that rotates.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

const TAG: usize = 16;

impl Key {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn generate(fill: Fill<'_>) -> Self {
        let mut key = Self([0; 32]);
        fill(&mut key.0);
        key
    }

    /// # Errors
    /// `Malformed` when the slice is not 32 bytes long.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        bytes.try_into().map(Self).map_err(|_| Error::Malformed("a key has 32 bytes"))
    }

    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// HKDF-SHA256 (RFC 5869) with the label as `info`: independent keys from one root.
    #[must_use]
    pub fn derive(&self, label: &str) -> Key {
        let mut out = Key([0; 32]);
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"mandate-seal/1");
        let info = [label.as_bytes()];
        let filled =
            salt.extract(&self.0).expand(&info, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut out.0));
        // HKDF fails only for outputs above 255 blocks; 32 bytes are one
        debug_assert!(filled.is_ok());
        out
    }

    /// A short public name that is a one-way function of the key: a damaged key file line is noticed by it.
    pub fn id(&self) -> String {
        let mut id = String::from("k");
        for byte in &self.derive("key id").0[..8] {
            // writing to a String does not fail
            let _ = write!(id, "{byte:02x}");
        }
        id
    }

    /// AES-256-GCM: `nonce (12) || ciphertext || tag (16)`. The nonce comes from `fill`.
    pub fn seal(&self, fill: Fill<'_>, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce);
        let mut out = Vec::with_capacity(NONCE_LEN + plaintext.len() + TAG);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(plaintext);
        let tag = self
            .cipher()?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad),
                &mut out[NONCE_LEN..],
            )
            .map_err(|_| Error::Encrypt)?;
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    /// The reverse of [`Key::seal`].
    ///
    /// # Errors
    /// `Refused` for another key, other associated data or changed bytes.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Secret<Vec<u8>>, Error> {
        if sealed.len() < NONCE_LEN + TAG {
            return Err(Error::Refused);
        }
        let (nonce, body) = sealed.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::Refused)?;
        let mut buffer = zeroize::Zeroizing::new(body.to_vec());
        let length = self
            .cipher()?
            .open_in_place(nonce, Aad::from(aad), &mut buffer)
            .map_err(|_| Error::Refused)?
            .len();
        buffer.truncate(length);
        Ok(Secret::new(std::mem::take(&mut *buffer)))
    }

    fn cipher(&self) -> Result<LessSafeKey, Error> {
        UnboundKey::new(&AES_256_GCM, &self.0).map(LessSafeKey::new).map_err(|_| Error::Encrypt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fill(buffer: &mut [u8]) {
        aws_lc_rs::rand::fill(buffer).unwrap();
    }

    #[test]
    fn labels_give_independent_stable_keys() {
        let root = Key::from_bytes([7; 32]);
        assert_eq!(root.derive("a").expose(), root.derive("a").expose());
        assert_ne!(root.derive("a").expose(), root.derive("b").expose());
        assert_ne!(root.derive("a").expose(), root.expose());
        assert_ne!(root.derive("a").expose(), &[0; 32]);
    }

    #[test]
    fn known_answer_so_that_stored_secrets_stay_readable() {
        let key = Key::from_bytes([1; 32]);
        assert_eq!(key.id(), "k37c1c0a320ad47a3");
        let sealed = key.seal(&|b| b.fill(9), b"row", b"plain").unwrap();
        assert_eq!(&sealed[..12], &[9; 12]);
        assert_eq!(key.open(b"row", &sealed).ok().unwrap().expose(), b"plain");
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(plain in any::<Vec<u8>>(), aad in any::<Vec<u8>>()) {
            let key = Key::generate(&fill);
            let sealed = key.seal(&fill, &aad, &plain).unwrap();
            let opened = key.open(&aad, &sealed).ok().unwrap();
            prop_assert_eq!(opened.expose(), &plain);
        }

        #[test]
        fn one_changed_bit_is_refused(plain in any::<Vec<u8>>(), at in any::<usize>(), bit in 0u8..8) {
            let key = Key::generate(&fill);
            let mut sealed = key.seal(&fill, b"row", &plain).unwrap();
            let at = at % sealed.len();
            sealed[at] ^= 1 << bit;
            prop_assert!(matches!(key.open(b"row", &sealed), Err(Error::Refused)));
        }

        #[test]
        fn any_bytes_are_refused_without_panic(bytes in any::<Vec<u8>>()) {
            let refused = matches!(Key::from_bytes([3; 32]).open(b"", &bytes), Err(Error::Refused));
            prop_assert!(refused);
        }
    }
}
