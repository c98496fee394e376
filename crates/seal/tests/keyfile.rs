//! The key file and the envelope over it, as an operator and a crash would treat them.

#![allow(clippy::unwrap_used, reason = "set-up of tests in plain functions")]
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;

use mandate_seal::{Error, LocalKeyFile, Sealed, Wrap as _};
use proptest::prelude::*;

fn fill(buffer: &mut [u8]) {
    aws_lc_rs::rand::fill(buffer).unwrap();
}

const PARTS: &[&str] = &["usr_1", "connection", "con_1"];

fn keys(dir: &Path) -> LocalKeyFile {
    LocalKeyFile::open_or_create(&dir.join("keys"), &fill).unwrap()
}

/// A future of this crate's local key file never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("it waited"),
    }
}

#[test]
fn is_made_for_its_owner_alone_and_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let first = keys(dir.path());
    let mode = fs::metadata(first.path()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let text = first.seal(&fill, PARTS, b"secret").unwrap();
    let second = keys(dir.path());
    assert_eq!(second.open(PARTS, &text).unwrap().expose(), b"secret");
    assert_eq!(first.derive("mac").expose(), second.derive("mac").expose());
}

#[test]
fn refuses_a_file_that_others_may_read_and_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let path = keys(dir.path()).path().to_owned();
    for mode in [0o644, 0o640, 0o604, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = LocalKeyFile::open_or_create(&path, &fill).err().unwrap().to_string();
        assert!(error.contains("chmod 600"), "{error}");
        assert!(error.contains(&format!("{mode:04o}")), "{error}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(LocalKeyFile::read_existing(&path).is_ok());
}

#[test]
fn a_command_does_not_make_a_file_by_mistake() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    assert!(matches!(LocalKeyFile::read_existing(&path), Err(Error::KeyFile { .. })));
    assert!(!path.exists());
}

#[test]
fn binds_a_secret_to_its_owner_and_row() {
    let dir = tempfile::tempdir().unwrap();
    let keys = keys(dir.path());
    let text = keys.seal(&fill, PARTS, b"secret").unwrap();
    for other in [
        &["usr_2", "connection", "con_1"][..],
        &["usr_1", "connection", "con_2"],
        &["usr_1", "connectioncon_1"],
        &["usr_1connection", "con_1"],
        &[],
    ] {
        assert!(matches!(keys.open(other, &text), Err(Error::Refused)), "{other:?}");
    }
}

#[test]
fn rotation_keeps_old_texts_readable_moves_them_and_forgets_the_old_key() {
    let dir = tempfile::tempdir().unwrap();
    let keys = keys(dir.path());
    let old_text = keys.seal(&fill, PARTS, b"secret").unwrap();
    let old_id = keys.current();
    let mac = keys.derive("mac");

    let new_id = keys.rotate(&fill).unwrap();
    assert_eq!(keys.ids(), [new_id.clone(), old_id.clone()]);
    assert_eq!(keys.open(PARTS, &old_text).unwrap().expose(), b"secret");
    assert_eq!(keys.derive("mac").expose(), mac.expose());

    let new_text = keys.rewrap(&fill, PARTS, &old_text).unwrap().unwrap();
    let (old, new): (Sealed, Sealed) = (old_text.parse().unwrap(), new_text.parse().unwrap());
    assert_eq!(new.key_id(), new_id);
    assert_eq!(old_text.rsplit('.').next(), new_text.rsplit('.').next(), "the body is not sealed again");
    assert_eq!(keys.rewrap(&fill, PARTS, &new_text).unwrap(), None);
    assert!(matches!(keys.rewrap(&fill, &["other"], &old_text), Err(Error::Refused)));

    keys.forget(&old_id).unwrap();
    assert_eq!(keys.open(PARTS, &new_text).unwrap().expose(), b"secret");
    assert!(matches!(keys.open(PARTS, &old_text), Err(Error::UnknownKey(id)) if id == old.key_id()));
    assert!(matches!(keys.forget(&new_id), Err(Error::UnknownKey(_))));
}

#[test]
fn a_running_process_learns_of_a_rotation_by_another() {
    let dir = tempfile::tempdir().unwrap();
    let (server, command) = (keys(dir.path()), keys(dir.path()));
    command.rotate(&fill).unwrap();
    let text = command.seal(&fill, PARTS, b"secret").unwrap();
    assert_eq!(server.open(PARTS, &text).unwrap().expose(), b"secret");
    assert_eq!(server.current(), command.current());
}

#[test]
fn a_running_process_does_not_seal_under_a_key_that_another_forgot() {
    let dir = tempfile::tempdir().unwrap();
    let (server, command) = (keys(dir.path()), keys(dir.path()));
    let old = command.current();
    command.rotate(&fill).unwrap();
    command.forget(&old).unwrap();
    let text = server.seal(&fill, PARTS, b"secret").unwrap();
    assert_eq!(text.parse::<Sealed>().unwrap().key_id(), command.current());

    fs::rename(server.path(), dir.path().join("away")).unwrap();
    assert!(matches!(server.seal(&fill, PARTS, b"secret"), Err(Error::KeyFile { .. })));
    assert_eq!(server.open(PARTS, &text).unwrap().expose(), b"secret", "what is in memory still opens");
}

#[test]
fn rotations_and_first_starts_at_once_lose_no_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    let texts: Vec<String> = thread::scope(|scope| {
        let run = || {
            let keys = LocalKeyFile::open_or_create(&path, &fill).unwrap();
            let before = keys.seal(&fill, PARTS, b"secret").unwrap();
            keys.rotate(&fill).unwrap();
            [before, keys.seal(&fill, PARTS, b"secret").unwrap()]
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    let keys = LocalKeyFile::read_existing(&path).unwrap();
    assert_eq!(keys.ids().len(), 9);
    for text in texts {
        assert_eq!(keys.open(PARTS, &text).unwrap().expose(), b"secret");
    }
}

#[test]
fn what_a_crash_left_behind_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let keys = keys(dir.path());
    let text = keys.seal(&fill, PARTS, b"secret").unwrap();
    fs::write(dir.path().join("keys.new"), "half a ke").unwrap();
    keys.rotate(&fill).unwrap();
    assert_eq!(keys.open(PARTS, &text).unwrap().expose(), b"secret");
    let mode = fs::metadata(keys.path()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(!dir.path().join("keys.new").exists());
}

#[test]
fn a_shredded_text_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let keys = keys(dir.path());
    let text = keys.seal(&fill, PARTS, b"secret").unwrap();
    let shredded = text.parse::<Sealed>().unwrap().shred().to_string();
    assert!(matches!(keys.open(PARTS, &shredded), Err(Error::Destroyed)));
    keys.rotate(&fill).unwrap();
    assert_eq!(keys.rewrap(&fill, PARTS, &shredded).unwrap(), None);
}

#[test]
fn neither_error_nor_text_shows_the_secret() {
    let dir = tempfile::tempdir().unwrap();
    let keys = keys(dir.path());
    let text = keys.seal(&fill, PARTS, b"canary-91b2").unwrap();
    let error = keys.open(&["x"], &text).err().unwrap();
    let file = fs::read_to_string(keys.path()).unwrap();
    let shown = format!("{text} {error} {error:?} {:?} {file}", text.parse::<Sealed>().unwrap());
    assert!(!shown.contains("canary-91b2"));
    assert!(!shown.contains("Y2FuYXJ5"), "nor its base64");
}

#[test]
fn the_waiting_and_the_direct_way_are_one_format() {
    let dir = tempfile::tempdir().unwrap();
    let keys = keys(dir.path());
    let text = now(mandate_seal::seal(&keys, &fill, PARTS, b"secret")).unwrap();
    assert_eq!(keys.open(PARTS, &text).unwrap().expose(), b"secret");
    keys.rotate(&fill).unwrap();
    let moved = now(mandate_seal::rewrap(&keys, &fill, PARTS, &text)).unwrap().unwrap();
    assert_eq!(now(mandate_seal::open(&keys, PARTS, &moved)).unwrap().expose(), b"secret");
    assert!(now(mandate_seal::rewrap(&keys, &fill, PARTS, &moved)).unwrap().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_secret_with_any_parts_comes_back(
        plain in any::<Vec<u8>>(), parts in proptest::collection::vec(".{0,12}", 0..4)
    ) {
        let dir = tempfile::tempdir().unwrap();
        let keys = keys(dir.path());
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let text = keys.seal(&fill, &parts, &plain).unwrap();
        let opened = keys.open(&parts, &text).unwrap();
        prop_assert_eq!(opened.expose(), &plain);
    }

    #[test]
    fn a_changed_text_never_opens(at in any::<usize>(), with in proptest::char::range('!', '~')) {
        let dir = tempfile::tempdir().unwrap();
        let keys = keys(dir.path());
        let text = keys.seal(&fill, PARTS, b"secret").unwrap();
        let at = at % text.len();
        let mut changed: Vec<char> = text.chars().collect();
        prop_assume!(changed[at] != with);
        changed[at] = with;
        let changed: String = changed.into_iter().collect();
        prop_assert!(keys.open(PARTS, &changed).is_err());
    }
}
