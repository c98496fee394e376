//! Who wraps data keys.

use std::future::Future;
use std::pin::Pin;

use crate::{Error, Fill, Key};

/// A data key as its wrapping key leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// 1 to 128 of `A-Z a-z 0-9 _ - : /`; names the wrapping key in the sealed text.
    pub key_id: String,
    pub bytes: Vec<u8>,
}

/// What a wrapping call answers, later.
pub type Wrapping<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Who wraps data keys: a local key file, or a key service that never lets its key out.
///
/// `context` binds the wrapped key to the owner and row: unwrapping with another context must fail.
pub trait Wrap: Send + Sync {
    /// The id under which new data keys are wrapped now; a text with another id is due for re-wrapping.
    fn current(&self) -> String;

    fn wrap<'a>(&'a self, data_key: &'a Key, context: &'a [u8], fill: Fill<'a>) -> Wrapping<'a, Wrapped>;

    fn unwrap<'a>(&'a self, wrapped: &'a Wrapped, context: &'a [u8]) -> Wrapping<'a, Key>;
}
