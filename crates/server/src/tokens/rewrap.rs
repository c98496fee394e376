//! Signing keys after a rotation of the wrapping key.

use super::{Error, store};
use crate::kernel::{Kernel, Rewrapped, key_of};

/// Re-wraps the private keys that are not under the current wrapping key.
pub async fn rewrap(kernel: &Kernel) -> Result<Rewrapped, Error> {
    let mut done = Rewrapped::default();
    for (kid, text) in store::sealed(&mut kernel.db.read().await?).await? {
        match kernel.sealer.rewrap(&["system", "signing_key", &kid], &text).await {
            Ok(None) => {}
            Ok(Some(moved)) => {
                let mut tx = kernel.db.begin().await?;
                done.moved += store::move_text(&mut tx, &kid, &text, &moved).await?;
                tx.commit().await?;
            }
            Err(error) => done.failed.push((kid, error.to_string())),
        }
    }
    Ok(done)
}

/// How many private keys a wrapping key still holds.
pub async fn held_by(kernel: &Kernel, key_id: &str) -> Result<i64, Error> {
    let sealed = store::sealed(&mut kernel.db.read().await?).await?;
    Ok(sealed.iter().filter(|(_, text)| key_of(text) == key_id).count() as i64)
}
