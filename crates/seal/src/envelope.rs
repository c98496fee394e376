//! Sealing, opening and re-wrapping over any [`Wrap`].
//!
//! INVARIANT: a data key seals one text. Re-wrapping keeps body and data key and changes only who wraps it.

use crate::bind::context;
use crate::{Error, Fill, Key, Sealed, Secret, Wrap, Wrapped};

pub(crate) fn key_context(parts: &[&str]) -> Vec<u8> {
    context("data key", parts)
}

fn body_context(parts: &[&str]) -> Vec<u8> {
    context("body", parts)
}

/// Seals `plaintext` under a fresh data key, bound to `parts` (owner first, then what names the row).
pub async fn seal(
    wrap: &dyn Wrap,
    fill: Fill<'_>,
    parts: &[&str],
    plaintext: &[u8],
) -> Result<String, Error> {
    let data_key = Key::generate(fill);
    let wrapped = wrap.wrap(&data_key, &key_context(parts), fill).await?;
    seal_body(&data_key, wrapped, fill, parts, plaintext)
}

pub(crate) fn seal_body(
    data_key: &Key,
    wrapped: Wrapped,
    fill: Fill<'_>,
    parts: &[&str],
    plaintext: &[u8],
) -> Result<String, Error> {
    let body = data_key.seal(fill, &body_context(parts), plaintext)?;
    Ok(Sealed { key_id: wrapped.key_id, wrapped: wrapped.bytes, body }.to_string())
}

/// Opens a text that was sealed with the same `parts`.
///
/// # Errors
/// `Destroyed` when its data key was forgotten, `UnknownKey` when nobody here has its wrapping key,
/// `Refused` when it belongs to other parts or was changed.
pub async fn open(wrap: &dyn Wrap, parts: &[&str], text: &str) -> Result<Secret<Vec<u8>>, Error> {
    let (wrapped, body) = split(text)?;
    let data_key = wrap.unwrap(&wrapped, &key_context(parts)).await?;
    open_body(&data_key, parts, &body)
}

pub(crate) fn open_body(data_key: &Key, parts: &[&str], body: &[u8]) -> Result<Secret<Vec<u8>>, Error> {
    data_key.open(&body_context(parts), body)
}

/// The same secret under the current wrapping key; `None` when it is there already or was destroyed.
pub async fn rewrap(
    wrap: &dyn Wrap,
    fill: Fill<'_>,
    parts: &[&str],
    text: &str,
) -> Result<Option<String>, Error> {
    let Some((old, body)) = due(&wrap.current(), text)? else { return Ok(None) };
    let context = key_context(parts);
    let data_key = wrap.unwrap(&old, &context).await?;
    // a body that does not open must not be carried on as if it were whole
    open_body(&data_key, parts, &body)?;
    let new = wrap.wrap(&data_key, &context, fill).await?;
    Ok(Some(Sealed { key_id: new.key_id, wrapped: new.bytes, body }.to_string()))
}

pub(crate) fn due(current: &str, text: &str) -> Result<Option<(Wrapped, Vec<u8>)>, Error> {
    let sealed: Sealed = text.parse()?;
    if sealed.is_destroyed() || sealed.key_id == current {
        return Ok(None);
    }
    Ok(Some((Wrapped { key_id: sealed.key_id, bytes: sealed.wrapped }, sealed.body)))
}

pub(crate) fn split(text: &str) -> Result<(Wrapped, Vec<u8>), Error> {
    let sealed: Sealed = text.parse()?;
    if sealed.is_destroyed() {
        return Err(Error::Destroyed);
    }
    Ok((Wrapped { key_id: sealed.key_id, bytes: sealed.wrapped }, sealed.body))
}
