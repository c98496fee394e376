//! The one place where stored secrets are sealed and opened, over the `seal` crate.
//!
//! INVARIANT: a sealed text opens only for the owner and row it was sealed for (`parts`, owner first).

use std::sync::Arc;

use mandate_seal::{Error, Key, LocalKeyFile, Secret};

use super::rng::Rng;

/// Cheap to clone. `seal` and `open` are async because a key service may be asked; call them outside transactions.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<LocalKeyFile>,
    rng: Rng,
}

impl Sealer {
    pub fn new(keys: LocalKeyFile, rng: Rng) -> Self {
        Self { keys: Arc::new(keys), rng }
    }

    /// Seals under a data key of its own.
    pub async fn seal(&self, parts: &[&str], plaintext: &[u8]) -> Result<String, Error> {
        let rng = self.rng;
        self.keys.seal(&move |buffer: &mut [u8]| rng.fill(buffer), parts, plaintext)
    }

    pub async fn open(&self, parts: &[&str], text: &str) -> Result<Secret<Vec<u8>>, Error> {
        self.keys.open(parts, text)
    }

    /// A stable key for one purpose (MACs, fingerprints): the same on every node and after rotation.
    pub fn derive(&self, label: &str) -> Key {
        self.keys.derive(label)
    }

    pub fn keys(&self) -> &LocalKeyFile {
        &self.keys
    }
}
