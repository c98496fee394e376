//! Randomness as an argument.
//!
//! INVARIANT: every random byte of the server comes from the operating system through this type.

use uuid::Uuid;

use super::clock::At;

/// The operating system's generator. Cheap to copy; a value so that a function's signature says it uses it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rng(());

impl Rng {
    pub fn system() -> Self {
        Self(())
    }

    pub fn fill(self, out: &mut [u8]) {
        // Without randomness no key or token can be made: there is nothing sensible to go on with.
        #[allow(clippy::disallowed_methods, clippy::expect_used)]
        getrandom::fill(out).expect("the operating system gives no randomness");
    }

    pub fn bytes<const N: usize>(self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    /// A uniformly random UUID (RFC 9562 version 4).
    pub fn uuid(self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// A time-ordered UUID (RFC 9562 version 7), so that new rows land at the end of an index.
    pub fn uuid_v7(self, at: At) -> Uuid {
        let millis = u64::try_from(at.0 / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A fraction in [0, 1), for jitter.
    pub fn fraction(self) -> f64 {
        f64::from(u32::from_le_bytes(self.bytes())) / f64::from(u32::MAX).next_up()
    }
}
