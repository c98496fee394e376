//! The wrapping keys in a local file, for an installation without a key service.
//!
//! INVARIANT: the file is never readable by others: it is made with mode 0600, and a looser one is refused.
//! INVARIANT: a crash leaves the old file or the new one: a change is written beside it, synced and renamed,
//! and two processes that change it take turns on `<file>.lock`.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::envelope::{due, key_context, open_body, seal_body, split};
use crate::keyring::Keyring;
use crate::{Error, Fill, Key, Sealed, Secret, Wrap, Wrapped, Wrapping};

/// One current and any number of retired wrapping keys, and the root of derived keys.
///
/// Another process may rotate the file: this one notices before it wraps, and when a key is not known yet.
///
/// INVARIANT: a new data key is never wrapped under a key that another process has retired and forgotten:
/// the file's stamp is compared before each wrap, and a file that is gone refuses (`Loaded::stamp`).
pub struct LocalKeyFile {
    path: PathBuf,
    loaded: RwLock<Loaded>,
}

struct Loaded {
    ring: Keyring,
    /// What the file looked like when it was read.
    stamp: Stamp,
}

/// Changes with every write, since each one makes a new file.
type Stamp = (u64, u64, Option<SystemTime>);

impl LocalKeyFile {
    /// Reads the file, or makes it with fresh keys where there is none.
    ///
    /// # Errors
    /// `KeyFile` in words for the operator: looser permissions than 0600, not a key file, not readable.
    pub fn open_or_create(path: &Path, fill: Fill<'_>) -> Result<Self, Error> {
        let _turn = lock(path)?;
        if !path.exists() {
            write(path, &Keyring::generate(fill))?;
        }
        Self::read_existing(path)
    }

    /// Reads a file that must be there, as commands do that should not make a new one by mistake.
    pub fn read_existing(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned(), loaded: RwLock::new(read(path)?) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Ids of all keys, the current one first.
    pub fn ids(&self) -> Vec<String> {
        self.loaded().ring.ids()
    }

    /// A key for another purpose, the same after any rotation.
    pub fn derive(&self, label: &str) -> Key {
        self.loaded().ring.derive(label)
    }

    /// Makes a new current key and keeps the others as retired; returns its id. Texts under the old keys
    /// open as before; [`LocalKeyFile::rewrap`] moves them.
    pub fn rotate(&self, fill: Fill<'_>) -> Result<String, Error> {
        self.change(|ring| {
            ring.rotate(fill);
            Ok(ring.current().0.clone())
        })
    }

    /// Drops a retired key once no text needs it.
    ///
    /// # Errors
    /// `UnknownKey` when the id is the current key's or nobody's.
    pub fn forget(&self, id: &str) -> Result<(), Error> {
        self.change(|ring| if ring.forget(id) { Ok(()) } else { Err(Error::UnknownKey(id.to_owned())) })
    }

    /// [`crate::seal`] without waiting.
    pub fn seal(&self, fill: Fill<'_>, parts: &[&str], plaintext: &[u8]) -> Result<String, Error> {
        let data_key = Key::generate(fill);
        let wrapped = self.wrap_fresh(&data_key, &key_context(parts), fill)?;
        seal_body(&data_key, wrapped, fill, parts, plaintext)
    }

    /// [`crate::open`] without waiting.
    pub fn open(&self, parts: &[&str], text: &str) -> Result<Secret<Vec<u8>>, Error> {
        let (wrapped, body) = split(text)?;
        open_body(&self.unwrap_or_reload(&wrapped, &key_context(parts))?, parts, &body)
    }

    /// [`crate::rewrap`] without waiting.
    pub fn rewrap(&self, fill: Fill<'_>, parts: &[&str], text: &str) -> Result<Option<String>, Error> {
        self.refresh()?;
        let Some((old, body)) = due(&self.current(), text)? else { return Ok(None) };
        let context = key_context(parts);
        let data_key = self.unwrap_or_reload(&old, &context)?;
        open_body(&data_key, parts, &body)?;
        let new = self.wrap_fresh(&data_key, &context, fill)?;
        Ok(Some(Sealed { key_id: new.key_id, wrapped: new.bytes, body }.to_string()))
    }

    fn wrap_fresh(&self, data_key: &Key, context: &[u8], fill: Fill<'_>) -> Result<Wrapped, Error> {
        self.refresh()?;
        self.loaded().ring.wrap(data_key, context, fill)
    }

    fn unwrap_or_reload(&self, wrapped: &Wrapped, context: &[u8]) -> Result<Key, Error> {
        match self.loaded().ring.unwrap(wrapped, context) {
            Err(Error::UnknownKey(_)) => {}
            answer => return answer,
        }
        let fresh = read(&self.path)?;
        let answer = fresh.ring.unwrap(wrapped, context);
        self.put(fresh);
        answer
    }

    /// Reads the file again if another process changed it.
    fn refresh(&self) -> Result<(), Error> {
        let metadata = fs::metadata(&self.path).map_err(|e| failed(&self.path, e))?;
        if stamp(&metadata) != self.loaded().stamp {
            self.put(read(&self.path)?);
        }
        Ok(())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Keyring) -> Result<T, Error>) -> Result<T, Error> {
        let _turn = lock(&self.path)?;
        let mut ring = read(&self.path)?.ring;
        let answer = change(&mut ring)?;
        write(&self.path, &ring)?;
        self.put(read(&self.path)?);
        Ok(answer)
    }

    fn put(&self, fresh: Loaded) {
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = fresh;
    }

    fn loaded(&self) -> RwLockReadGuard<'_, Loaded> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wrap for LocalKeyFile {
    fn current(&self) -> String {
        self.loaded().ring.current().0.clone()
    }

    fn wrap<'a>(&'a self, data_key: &'a Key, context: &'a [u8], fill: Fill<'a>) -> Wrapping<'a, Wrapped> {
        Box::pin(async move { self.wrap_fresh(data_key, context, fill) })
    }

    fn unwrap<'a>(&'a self, wrapped: &'a Wrapped, context: &'a [u8]) -> Wrapping<'a, Key> {
        Box::pin(async move { self.unwrap_or_reload(wrapped, context) })
    }
}

fn failed(path: &Path, reason: impl ToString) -> Error {
    Error::KeyFile { path: path.to_owned(), reason: reason.to_string() }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

/// Taken until the returned file is dropped.
fn lock(path: &Path) -> Result<File, Error> {
    let file = private(OpenOptions::new().create(true).truncate(false).write(true))
        .open(beside(path, ".lock"))
        .map_err(|e| failed(path, format!("cannot be locked: {e}")))?;
    file.lock().map_err(|e| failed(path, format!("cannot be locked: {e}")))?;
    Ok(file)
}

fn read(path: &Path) -> Result<Loaded, Error> {
    let mut file = File::open(path).map_err(|e| failed(path, e))?;
    let metadata = file.metadata().map_err(|e| failed(path, e))?;
    check_permissions(path, &metadata)?;
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(|e| failed(path, e))?;
    let ring = Keyring::from_text(&text).map_err(|reason| failed(path, reason))?;
    Ok(Loaded { ring, stamp: stamp(&metadata) })
}

#[cfg(unix)]
fn stamp(metadata: &Metadata) -> Stamp {
    (std::os::unix::fs::MetadataExt::ino(metadata), metadata.len(), metadata.modified().ok())
}

#[cfg(not(unix))]
fn stamp(metadata: &Metadata) -> Stamp {
    (0, metadata.len(), metadata.modified().ok())
}

fn write(path: &Path, ring: &Keyring) -> Result<(), Error> {
    let temporary = beside(path, ".new");
    // what a crash left behind may have any mode; a fresh file has ours
    let _ = fs::remove_file(&temporary);
    let store = || {
        let mut file = private(OpenOptions::new().create_new(true).write(true)).open(&temporary)?;
        file.write_all(ring.to_text().as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        sync_directory(path)
    };
    store().map_err(|e: std::io::Error| failed(path, format!("cannot be written: {e}")))
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn check_permissions(path: &Path, metadata: &Metadata) -> Result<(), Error> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    let others = mode & 0o077;
    if others == 0 {
        return Ok(());
    }
    let path_text = path.display();
    Err(failed(path, format!("others may read it (mode {mode:04o}); run: chmod 600 {path_text}")))
}

#[cfg(not(unix))]
fn check_permissions(_: &Path, _: &Metadata) -> Result<(), Error> {
    Ok(())
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> std::io::Result<()> {
    Ok(())
}
