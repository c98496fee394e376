//! Values that cannot be printed and are zeroed.

use zeroize::Zeroize;

/// A value that must not be printed, compared in variable time or left in memory.
///
/// INVARIANT: it has neither `Debug` nor `Display` nor `Serialize`, and `drop` zeroes it; the one way to the
/// value is [`Secret::expose`], which is easy to find in a review.
///
/// ```compile_fail
/// println!("{:?}", mandate_seal::Secret::new(String::from("x")));
/// ```
/// ```compile_fail
/// println!("{}", mandate_seal::Secret::new(String::from("x")));
/// ```
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl Secret<Vec<u8>> {
    /// The same secret as text.
    ///
    /// # Errors
    /// Gives the bytes back when they are not UTF-8.
    pub fn into_text(mut self) -> Result<Secret<String>, Secret<Vec<u8>>> {
        match String::from_utf8(std::mem::take(&mut self.0)) {
            Ok(text) => Ok(Secret(text)),
            Err(e) => Err(Secret(e.into_bytes())),
        }
    }
}

impl<T: Zeroize + Clone> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(feature = "serde")]
impl<'de, T: Zeroize + serde::Deserialize<'de>> serde::Deserialize<'de> for Secret<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    static ZEROED: AtomicBool = AtomicBool::new(false);

    struct Probe;
    impl Zeroize for Probe {
        fn zeroize(&mut self) {
            ZEROED.store(true, Ordering::SeqCst);
        }
    }

    #[test]
    fn is_zeroed_on_drop() {
        drop(Secret::new(Probe));
        assert!(ZEROED.load(Ordering::SeqCst));
    }

    #[test]
    fn bytes_become_text_only_when_they_are_text() {
        assert_eq!(Secret::new(b"abc".to_vec()).into_text().ok().unwrap().expose(), "abc");
        assert_eq!(Secret::new(vec![0xff]).into_text().err().unwrap().expose(), &[0xff]);
    }
}
