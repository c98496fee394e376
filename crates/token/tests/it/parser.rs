//! Any bytes end in an error, never in a panic, and never in a verified token.

use std::sync::LazyLock;

use mandate_token::{Algorithm, Audience};
use proptest::prelude::*;

use crate::sign::{Keys, NOW, b64, claims};

struct Fixture {
    audience: Audience,
    token: String,
    keys: Keys,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let keys = Keys::fresh();
    Fixture {
        audience: Audience::new("trading_platform").jwks(&[Algorithm::EdDsa], keys.jwks()),
        token: keys.sign(Algorithm::EdDsa, &claims()),
        keys,
    }
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text_is_refused(text in ".{0,300}") {
        prop_assert!(FIXTURE.audience.verify(&text, NOW).is_err());
    }

    #[test]
    fn any_three_parts_are_refused(a in any::<Vec<u8>>(), b in any::<Vec<u8>>(), c in any::<Vec<u8>>()) {
        let text = format!("{}.{}.{}", b64(a), b64(b), b64(c));
        prop_assert!(FIXTURE.audience.verify(&text, NOW).is_err());
    }

    #[test]
    fn one_changed_character_is_refused(at in any::<usize>(), with in proptest::char::range('!', '~')) {
        let mut chars: Vec<char> = FIXTURE.token.chars().collect();
        let at = at % chars.len();
        prop_assume!(chars[at] != with);
        chars[at] = with;
        prop_assert!(FIXTURE.audience.verify(&chars.into_iter().collect::<String>(), NOW).is_err());
    }

    #[test]
    fn any_cut_is_refused(at in any::<usize>()) {
        let at = at % FIXTURE.token.len();
        prop_assert!(FIXTURE.audience.verify(&FIXTURE.token[..at], NOW).is_err());
    }

    /// Even the issuer's own signature does not make a panic of odd claims.
    #[test]
    fn signed_nonsense_does_not_panic(body in r#"(\{("[a-z_]{2,5}":(1|"x"|\[\]|null|1e400|-5|\{\})){0,1}(,"(exp|act|aud|nbf)":(1|1e3|9e99|"x"|\[1\]|\{"sub":"a"\})){0,3}\}|.{0,40})"#) {
        let head = r#"{"alg":"EdDSA","kid":"ed-1"}"#;
        let token = FIXTURE.keys.sign_text(Algorithm::EdDsa, head, &body);
        prop_assert!(FIXTURE.audience.verify(&token, NOW).is_err());
    }
}
