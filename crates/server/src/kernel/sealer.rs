//! The one place where stored secrets are sealed and opened, over the `seal` crate.
//!
//! INVARIANT: a sealed text opens only for the owner and row it was sealed for (`parts`, owner first).

use std::sync::Arc;

use mandate_seal::{Error, Key, LocalKeyFile, Secret, Wrap as _};

use super::rng::Rng;

/// Cheap to clone. `seal` and `open` are async because a key service may be asked; call them outside transactions.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<LocalKeyFile>,
    rng: Rng,
}

/// What a run of re-wrapping did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    pub moved: u64,
    /// Rows that do not open, and why; they are left as they are.
    pub failed: Vec<(String, String)>,
}

impl Sealer {
    pub fn new(keys: LocalKeyFile, rng: Rng) -> Self {
        Self { keys: Arc::new(keys), rng }
    }

    /// Seals under a data key of its own.
    pub async fn seal(&self, parts: &[&str], plaintext: &[u8]) -> Result<String, Error> {
        let rng = self.rng;
        mandate_seal::seal(&*self.keys, &move |buffer: &mut [u8]| rng.fill(buffer), parts, plaintext).await
    }

    pub async fn open(&self, parts: &[&str], text: &str) -> Result<Secret<Vec<u8>>, Error> {
        mandate_seal::open(&*self.keys, parts, text).await
    }

    /// The same secret under the current wrapping key; `None` when it is there already or was destroyed.
    pub async fn rewrap(&self, parts: &[&str], text: &str) -> Result<Option<String>, Error> {
        let rng = self.rng;
        mandate_seal::rewrap(&*self.keys, &move |buffer: &mut [u8]| rng.fill(buffer), parts, text).await
    }

    /// Makes a new current wrapping key; what is sealed under the others still opens. Returns its id.
    pub fn rotate(&self) -> Result<String, Error> {
        let rng = self.rng;
        self.keys.rotate(&move |buffer: &mut [u8]| rng.fill(buffer))
    }

    /// The id of the key that wraps now.
    pub fn current_key(&self) -> String {
        self.keys.current()
    }

    /// A stable key for one purpose (MACs, fingerprints): the same on every node and after rotation.
    pub fn derive(&self, label: &str) -> Key {
        self.keys.derive(label)
    }

    pub fn keys(&self) -> &LocalKeyFile {
        &self.keys
    }
}

/// The wrapping key that a sealed text names.
pub fn key_of(text: &str) -> &str {
    text.split('.').nth(1).unwrap_or_default()
}
