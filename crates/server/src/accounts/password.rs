//! Password rules and hashing.
//!
//! argon2id with 19 MiB and two passes (OWASP's first recommendation), as a PHC string. Length 12 to 128 characters,
//! any Unicode, no composition rules, zxcvbn 3 or more against the person's own words (ASVS 5.0, V6.2).

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::model::Error;
use crate::kernel::{Rng, Secret};

/// A real hash of nothing anybody has, so that an unknown e-mail costs what a wrong password costs.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bWFuZGF0ZS1ub2JvZHk$Zm9yIGFuIGFjY291bnQgdGhhdCBpcyBub3QgdGhlcmUh";

pub(super) fn check(password: &str, own_words: &[&str]) -> Result<(), String> {
    let length = password.chars().count();
    if length < 12 {
        return Err(format!("at least 12 characters; this one has {length}"));
    }
    if length > 128 {
        return Err("at most 128 characters".into());
    }
    let mut words: Vec<&str> = own_words.to_vec();
    for word in own_words {
        words.extend(word.split(['@', '.', ' ', '-', '_']).filter(|part| part.len() >= 3));
    }
    let judged = zxcvbn::zxcvbn(password, &words);
    if u8::from(judged.score()) >= 3 {
        return Ok(());
    }
    let warning =
        judged.feedback().and_then(zxcvbn::feedback::Feedback::warning).map(|warning| warning.to_string());
    Err(format!("too easy to guess: {}", warning.unwrap_or_else(|| "add another word or two".into())))
}

/// Hashes on a bounded pool: `running` at a time, so that other requests keep a core's share; past `waiting`,
/// callers are refused.
#[derive(Clone)]
pub(super) struct Hasher {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    rng: Rng,
}

impl Hasher {
    pub fn new(queue: usize, rng: Rng) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let queue = if queue == 0 { cores * 16 } else { queue };
        Self {
            running: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(queue.max(cores))),
            rng,
        }
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _place = self.waiting.try_acquire().map_err(|_| Error::Busy)?;
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Error::Busy)?;
        // The permit moves into the work: a caller that goes away does not let another hash begin beside it.
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .map_err(|_| Error::Busy)
    }

    pub async fn hash(&self, password: Secret<String>) -> Result<String, Error> {
        let salt: [u8; 16] = self.rng.bytes();
        self.run(move || {
            argon2().hash_password_with_salt(password.expose().as_bytes(), &salt).map(|hash| hash.to_string())
        })
        .await?
        .map_err(|_| Error::Busy)
    }

    /// `stored` is `None` for an unknown account: the same work, always false.
    pub async fn verify(&self, password: Secret<String>, stored: Option<String>) -> Result<bool, Error> {
        self.run(move || {
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| NOBODY.to_owned());
            let Ok(parsed) = PasswordHash::new(&stored) else { return false };
            let matches = argon2().verify_password(password.expose().as_bytes(), &parsed).is_ok();
            matches && known
        })
        .await
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        for (password, fine) in [
            ("short", false),
            ("password1234", false),
            ("ann@example.com", false),
            ("correct horse battery staple", true),
            ("пароль из четырёх разных слов", true),
        ] {
            assert_eq!(check(password, &["ann@example.com", "Ann"]).is_ok(), fine, "{password}");
        }
        assert!(check(&"x9 ".repeat(50), &[]).is_err());
    }

    #[tokio::test]
    async fn a_hash_verifies_only_its_password_and_nobody_never() {
        let hasher = Hasher::new(0, Rng::system());
        let stored = hasher.hash(Secret::new("a password that is long".into())).await.ok().unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(
            hasher
                .verify(Secret::new("a password that is long".into()), Some(stored.clone()))
                .await
                .ok()
                .unwrap()
        );
        assert!(!hasher.verify(Secret::new("another".into()), Some(stored)).await.ok().unwrap());
        assert!(PasswordHash::new(NOBODY).is_ok());
        assert!(!hasher.verify(Secret::new("x".into()), None).await.ok().unwrap());
    }
}
