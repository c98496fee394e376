//! The keys of a key file in memory, and the text they are kept in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::{Error, Fill, Key, Wrapped};

const HEADER: &str = "mandate-keys-1";
const PREFACE: &str = "# Data keys of this installation. Whoever reads this file can open every secret in the\n\
                       # database, and without it nobody can. Back it up apart from the database.\n";

/// INVARIANT: `root` never changes, so that what is derived from it (MACs, cookie keys) survives rotation;
/// `keys[0]` wraps new data keys, the others only unwrap.
pub(crate) struct Keyring {
    root: Key,
    keys: Vec<(String, Key)>,
}

impl Keyring {
    pub(crate) fn generate(fill: Fill<'_>) -> Self {
        let key = Key::generate(fill);
        Self { root: Key::generate(fill), keys: vec![(key.id(), key)] }
    }

    pub(crate) fn rotate(&mut self, fill: Fill<'_>) {
        let key = Key::generate(fill);
        self.keys.insert(0, (key.id(), key));
    }

    /// Drops a retired key; `false` when it is the current one or not here.
    pub(crate) fn forget(&mut self, id: &str) -> bool {
        match self.keys.iter().position(|(found, _)| found == id) {
            None | Some(0) => false,
            Some(at) => {
                self.keys.remove(at);
                true
            }
        }
    }

    pub(crate) fn current(&self) -> &(String, Key) {
        &self.keys[0]
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.keys.iter().map(|(id, _)| id.clone()).collect()
    }

    pub(crate) fn derive(&self, label: &str) -> Key {
        self.root.derive(label)
    }

    pub(crate) fn wrap(&self, data_key: &Key, bound: &[u8], fill: Fill<'_>) -> Result<Wrapped, Error> {
        let (id, key) = self.current();
        Ok(Wrapped { key_id: id.clone(), bytes: key.seal(fill, bound, data_key.expose())? })
    }

    pub(crate) fn unwrap(&self, wrapped: &Wrapped, bound: &[u8]) -> Result<Key, Error> {
        let (_, key) = self
            .keys
            .iter()
            .find(|(id, _)| *id == wrapped.key_id)
            .ok_or_else(|| Error::UnknownKey(wrapped.key_id.clone()))?;
        Key::from_slice(key.open(bound, &wrapped.bytes)?.expose())
    }

    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(512 + 96 * self.keys.len()));
        text.push_str(PREFACE);
        text.push_str(HEADER);
        text.push('\n');
        push_line(&mut text, "root", &self.root);
        for (place, (_, key)) in self.keys.iter().enumerate() {
            push_line(&mut text, if place == 0 { "current" } else { "retired" }, key);
        }
        text
    }

    /// # Errors
    /// What is wrong, with the line number and never the line.
    pub(crate) fn from_text(text: &str) -> Result<Self, String> {
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line.trim()))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        if lines.next().is_none_or(|(_, line)| line != HEADER) {
            return Err(format!("is not a key file (the first line should be {HEADER})"));
        }
        let (mut root, mut current, mut retired) = (None, None, Vec::new());
        for (at, line) in lines {
            let (role, id, key) = parse_line(line).ok_or_else(|| format!("line {at} is damaged"))?;
            let slot = match role {
                "root" => &mut root,
                "current" => &mut current,
                "retired" => {
                    retired.push((id, key));
                    continue;
                }
                _ => return Err(format!("line {at} has an unknown role")),
            };
            if slot.replace((id, key)).is_some() {
                return Err(format!("line {at}: there is a second {role} key"));
            }
        }
        let (_, root) = root.ok_or("has no root key")?;
        let mut keys = vec![current.ok_or("has no current key")?];
        keys.append(&mut retired);
        Ok(Self { root, keys })
    }
}

fn push_line(text: &mut String, role: &str, key: &Key) {
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(key.expose()));
    for part in [role, " ", &key.id(), " ", &secret, "\n"] {
        text.push_str(part);
    }
}

fn parse_line(line: &str) -> Option<(&str, String, Key)> {
    let mut words = line.split_ascii_whitespace();
    let (role, id, secret) = (words.next()?, words.next()?, words.next()?);
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(secret).ok()?);
    let key = Key::from_slice(&bytes).ok()?;
    (words.next().is_none() && key.id() == id).then(|| (role, id.to_owned(), key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fill(buffer: &mut [u8]) {
        aws_lc_rs::rand::fill(buffer).unwrap();
    }

    #[test]
    fn text_and_ring_are_one_and_the_root_stays() {
        let mut ring = Keyring::generate(&fill);
        let (root, first) = (ring.derive("x"), ring.current().0.clone());
        ring.rotate(&fill);
        let read = Keyring::from_text(&ring.to_text()).unwrap();
        assert_eq!(read.ids(), ring.ids());
        assert_eq!(read.ids()[1], first);
        assert_eq!(read.derive("x").expose(), root.expose());
    }

    #[test]
    fn a_damaged_line_is_named_and_not_shown() {
        let ring = Keyring::generate(&fill);
        let text = ring.to_text();
        let line = text.lines().find(|l| l.starts_with("current")).unwrap();
        let secret = line.rsplit(' ').next().unwrap();
        let other = if secret.starts_with('A') { "B" } else { "A" };
        let damaged = text.replace(secret, &format!("{other}{}", &secret[1..]));
        let error = Keyring::from_text(&damaged).err().unwrap();
        assert_eq!(error, "line 5 is damaged");
        for text in ["", "mandate-keys-1", "mandate-keys-2\nroot a b"] {
            assert!(Keyring::from_text(text).is_err());
        }
    }

    #[test]
    fn the_current_key_is_not_forgotten() {
        let mut ring = Keyring::generate(&fill);
        let first = ring.current().0.clone();
        assert!(!ring.forget(&first));
        ring.rotate(&fill);
        assert!(ring.forget(&first));
        assert!(!ring.forget(&first));
    }

    proptest! {
        #[test]
        fn any_text_is_a_ring_or_an_error(text in r"(mandate-keys-1\n)?([a-z]{0,8} ?[a-zA-Z0-9_-]{0,50}\n){0,5}") {
            let _ = Keyring::from_text(&text);
        }
    }
}
