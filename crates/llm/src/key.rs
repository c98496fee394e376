//! A provider's key: cannot be printed, is wiped when dropped.

use zeroize::Zeroizing;

#[derive(Clone)]
pub struct Key(Zeroizing<String>);

impl Key {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The key itself, for the `Authorization` header and nothing else.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// A fixed word, so that structures that hold a key can still be debugged.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(hidden)")
    }
}
