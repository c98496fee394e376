//! What a verifier accepts and refuses, and when its cache asks again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use aws_lc_rs::signature::KeyPair as _;
use mandate_token::{Algorithm, Audience, Claims, Error, Jwks, SetupError, SharedSecret, Verifier};
use serde_json::json;

use crate::sign::{Keys, NOW, PREVIOUS, SECRET, b64, claims, claims_with, header, hs256};

const PUBLIC: &[Algorithm] = &[Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

fn platform(jwks: Jwks) -> Audience {
    Audience::new("trading_platform").issuer("user_service").token_type("at+jwt").leeway(0).jwks(PUBLIC, jwks)
}

#[test]
fn each_algorithm_verifies_and_gives_the_claims_back() {
    let keys = Keys::fresh();
    let verifier = Verifier::new(platform(keys.jwks()));
    for algorithm in PUBLIC {
        let read = verifier.verify(&keys.sign(*algorithm, &claims()), NOW).unwrap();
        assert_eq!(serde_json::to_value(&*read).unwrap(), claims());
        assert_eq!(read.generation, Some(3));
    }
}

#[test]
fn rfc8725_3_1_a_key_is_bound_to_one_algorithm() {
    let keys = Keys::fresh();
    // an audience that allows RS256 alone refuses the issuer's other keys
    let strict = Audience::new("trading_platform").jwks(&[Algorithm::Rs256], keys.jwks());
    for other in [Algorithm::Es256, Algorithm::EdDsa] {
        let token = keys.sign(other, &claims());
        assert_eq!(strict.verify(&token, NOW).unwrap_err(), Error::AlgorithmNotAllowed);
    }
    // RSA public key as an HMAC secret, in the forms in which attackers know it
    let audience = platform(keys.jwks());
    let der = keys.rsa.public_key().as_ref().to_vec();
    for secret in [der, keys.jwks_json().to_string().into_bytes(), Vec::new()] {
        for alg in ["HS256", "hs256", "none", "None", "RS384", ""] {
            let head = json!({"alg": alg, "typ": "at+jwt", "kid": "rsa-1"});
            let message = format!("{}.{}", b64(head.to_string()), b64(claims().to_string()));
            let token = format!("{message}.{}", b64(hs256(&secret, message.as_bytes())));
            assert_eq!(audience.verify(&token, NOW).unwrap_err(), Error::AlgorithmNotAllowed);
        }
    }
    // a kid of another algorithm's key
    let crossed = json!({"alg": "ES256", "typ": "at+jwt", "kid": "rsa-1"}).to_string();
    let token = keys.sign_text(Algorithm::Es256, &crossed, &claims().to_string());
    assert_eq!(audience.verify(&token, NOW).unwrap_err(), Error::AlgorithmNotAllowed);
}

#[test]
fn an_hs256_audience_takes_current_and_previous_secret_and_no_public_key() {
    let keys = Keys::fresh();
    let secret = || SharedSecret::parse(SECRET).unwrap();
    let audience = Audience::new("orion-core").secret(secret().or_previous(PREVIOUS).unwrap());
    let body = claims_with(json!({"aud": "orion-core"}));
    assert!(audience.verify(&keys.sign(Algorithm::Hs256, &body), NOW).is_ok());

    let old = hex::decode(PREVIOUS.strip_prefix("hex:").unwrap()).unwrap();
    let message = format!("{}.{}", b64(header(Algorithm::Hs256).to_string()), b64(body.to_string()));
    let token = format!("{message}.{}", b64(hs256(&old, message.as_bytes())));
    assert!(audience.verify(&token, NOW).is_ok());
    let without = Audience::new("orion-core").secret(secret());
    assert_eq!(without.verify(&token, NOW).unwrap_err(), Error::BadSignature);
    for algorithm in PUBLIC {
        let error = audience.verify(&keys.sign(*algorithm, &body), NOW).unwrap_err();
        assert_eq!(error, Error::AlgorithmNotAllowed);
    }
}

#[test]
fn time_is_checked_on_the_first_and_on_every_later_sight() {
    let keys = Keys::fresh();
    let verifier = Verifier::new(platform(keys.jwks()));
    let token = keys.sign(Algorithm::EdDsa, &claims());
    assert_eq!(verifier.verify(&token, NOW - 1).unwrap_err(), Error::NotYetValid);
    assert_eq!(verifier.verify(&token, NOW + 900).unwrap_err(), Error::Expired);
    assert_eq!(verifier.remembered(), 0, "a refused token is not remembered");
    for _ in 0..2 {
        assert!(verifier.verify(&token, NOW + 899).is_ok());
        assert_eq!(verifier.verify(&token, NOW + 900).unwrap_err(), Error::Expired);
        assert_eq!(verifier.verify(&token, NOW - 1).unwrap_err(), Error::NotYetValid);
    }
    let lenient = platform(keys.jwks()).leeway(60);
    assert!(lenient.verify(&token, NOW + 959).is_ok());
    assert!(lenient.verify(&token, NOW - 60).is_ok());
    assert_eq!(lenient.verify(&token, NOW + 960).unwrap_err(), Error::Expired);
}

#[test]
fn revocation_is_asked_on_both_paths() {
    let keys = Keys::fresh();
    let (revoked, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (r, a) = (revoked.clone(), asked.clone());
    let verifier = Verifier::new(platform(keys.jwks())).revoked_when(move |claims: &Claims| {
        assert!(claims.session_id.is_some());
        a.fetch_add(1, Ordering::SeqCst);
        r.load(Ordering::SeqCst)
    });
    let token = keys.sign(Algorithm::EdDsa, &claims());
    let first = verifier.verify(&token, NOW).unwrap();
    let again = verifier.verify(&token, NOW).unwrap();
    assert!(Arc::ptr_eq(&first, &again), "the second is from memory");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    revoked.store(true, Ordering::SeqCst);
    assert_eq!(verifier.verify(&token, NOW).unwrap_err(), Error::Revoked);
    let unseen = keys.sign(Algorithm::Rs256, &claims());
    assert_eq!(verifier.verify(&unseen, NOW).unwrap_err(), Error::Revoked);
}

#[test]
fn a_key_that_is_gone_takes_its_remembered_tokens_along() {
    let (old, new) = (Keys::fresh(), Keys::fresh());
    let verifier = Verifier::new(platform(old.jwks()));
    let token = old.sign(Algorithm::EdDsa, &claims());
    assert!(verifier.verify(&token, NOW).is_ok());
    verifier.replace_jwks(new.jwks());
    assert_eq!(verifier.verify(&token, NOW).unwrap_err(), Error::BadSignature);
    verifier.replace_jwks(Jwks::default());
    assert_eq!(verifier.verify(&token, NOW).unwrap_err(), Error::UnknownKey);
    assert!(!verifier.has_key("ed-1"));
}

#[test]
fn memory_is_bounded_and_threads_share_it() {
    let keys = Keys::fresh();
    let verifier = Verifier::new(platform(keys.jwks())).remembering(32);
    let token = |n: usize| keys.sign(Algorithm::EdDsa, &claims_with(json!({"jti": format!("tok_{n}")})));
    let tokens: Vec<String> = (0..200).map(token).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (n, token) in tokens.iter().enumerate() {
                    let claims = verifier.verify(token, NOW).unwrap();
                    assert_eq!(claims.jti.as_deref(), Some(&*format!("tok_{n}")));
                }
            });
        }
    });
    assert!(verifier.remembered() <= 64, "{}", verifier.remembered());
}

#[test]
fn actors_are_listed_from_the_current_one_inwards_and_bounded() {
    let keys = Keys::fresh();
    let audience = platform(keys.jwks());
    let nested = json!({"sub": "agt_1", "client_id": "gateway", "act": {"sub": "svc_2"}});
    let token = keys.sign(Algorithm::EdDsa, &claims_with(json!({"act": nested})));
    let read = audience.verify(&token, NOW).unwrap();
    let subjects: Vec<_> = read.actors().map(|act| act.sub.as_str()).collect();
    assert_eq!(subjects, ["agt_1", "svc_2"]);

    let mut deep = json!({"sub": "a"});
    for _ in 0..8 {
        deep = json!({"sub": "a", "act": deep});
    }
    let token = keys.sign(Algorithm::EdDsa, &claims_with(json!({"act": deep})));
    assert_eq!(audience.verify(&token, NOW).unwrap_err(), Error::WrongClaim("act".into()));
}

#[test]
fn an_audience_demands_what_it_was_told_to() {
    let keys = Keys::fresh();
    let app = |jwks| {
        Audience::unnamed()
            .jwks(PUBLIC, jwks)
            .require("email")
            .require("sessionID")
            .require_value("type", "session")
    };
    let body = json!({"email": "a@b", "sessionID": "x", "type": "session", "perms": "chat", "exp": NOW + 1});
    let read = app(keys.jwks()).verify(&keys.sign(Algorithm::EdDsa, &body), NOW).unwrap();
    assert_eq!(read.perms.as_deref(), Some(&["chat".to_owned()][..]));
    for (name, value, error) in [
        ("email", json!(null), Error::MissingClaim("email".into())),
        ("sessionID", json!(null), Error::MissingClaim("sessionID".into())),
        ("type", json!(null), Error::MissingClaim("type".into())),
        ("type", json!("refresh"), Error::WrongClaim("type".into())),
        ("aud", json!("other"), Error::WrongAudience),
    ] {
        let mut changed = body.clone();
        if value.is_null() {
            changed.as_object_mut().unwrap().remove(name);
        } else {
            changed[name] = value;
        }
        let token = keys.sign(Algorithm::EdDsa, &changed);
        assert_eq!(app(keys.jwks()).verify(&token, NOW).unwrap_err(), error);
    }
}

#[test]
fn jwks_leaves_out_what_it_cannot_use_and_refuses_what_is_wrong() {
    let keys = Keys::fresh();
    let mut all = keys.jwks_json();
    let list = all["keys"].as_array_mut().unwrap();
    list.push(json!({"kty": "RSA", "kid": "enc", "use": "enc", "n": "AA", "e": "AQAB"}));
    list.push(json!({"kty": "RSA", "kid": "ps", "alg": "PS256", "n": "AA", "e": "AQAB"}));
    list.push(json!({"kty": "RSA", "kid": "short", "n": b64([0xff; 128]), "e": "AQAB"}));
    list.push(json!({"kty": "EC", "kid": "p384", "crv": "P-384", "x": "AA", "y": "AA"}));
    list.push(json!({"kty": "oct", "kid": "shared", "k": "AA"}));
    list.push(json!({"kty": "new thing"}));
    assert_eq!(Jwks::parse(&all.to_string()).unwrap().len(), 3);

    let refused = |key: serde_json::Value| Jwks::parse(&json!({"keys": [key]}).to_string()).err().unwrap();
    assert!(
        matches!(refused(json!({"kty": "EC", "kid": "a", "crv": "P-256", "x": "AA", "y": "AA"})), SetupError::BadJwks(e) if e.contains("key a"))
    );
    assert!(matches!(refused(json!({"kty": "OKP", "crv": "Ed25519"})), SetupError::BadJwks(_)));
    assert_eq!(refused(json!({"kty": "RSA", "kid": "a", "d": "AA"})), SetupError::PrivateKey("a".into()));
    assert!(matches!(Jwks::parse("[]"), Err(SetupError::BadJwks(_))));

    let first = keys.jwks_json()["keys"][0].clone();
    let twice = json!({"keys": [first.clone(), first]}).to_string();
    assert_eq!(Jwks::parse(&twice).err().unwrap(), SetupError::SameKeyId("rsa-1".into()));
}

#[test]
fn a_token_without_kid_takes_the_only_key_of_its_algorithm() {
    let keys = Keys::fresh();
    let head = json!({"alg": "EdDSA", "typ": "application/AT+JWT"}).to_string();
    let token = keys.sign_text(Algorithm::EdDsa, &head, &claims().to_string());
    assert!(platform(keys.jwks()).verify(&token, NOW).is_ok());
    let mut two = keys.jwks_json();
    let mut other = Keys::fresh().jwks_json()["keys"][2].clone();
    other["kid"] = json!("ed-2");
    two["keys"].as_array_mut().unwrap().push(other);
    let two = Jwks::parse(&two.to_string()).unwrap();
    assert_eq!(platform(two).verify(&token, NOW).unwrap_err(), Error::UnknownKey);
}
