//! Makes `conformance/token.json` anew, with keys that are forgotten at once:
//! `cargo test -p mandate-token -- --ignored make_the_vectors`.

use mandate_token::Algorithm;
use serde_json::{Value, json};

use crate::sign::{Keys, NOW, PREVIOUS, SECRET, b64, claims, claims_with, header, hs256};
use crate::vectors::path;

struct Vectors {
    keys: Keys,
    list: Vec<Value>,
}

use Algorithm::{EdDsa, Es256, Hs256, Rs256};

#[test]
#[ignore = "writes the vectors"]
fn make_the_vectors() {
    let mut v = Vectors { keys: Keys::fresh(), list: Vec::new() };
    valid(&mut v);
    algorithms_and_keys(&mut v);
    time_and_claims(&mut v);
    form(&mut v);
    shared_secret(&mut v);
    let document = json!({
        "about": "Tokens and what a verifier must answer. Audiences say how; `now` is Unix seconds. A vector \
                  expects `claims` (the token's, at least these) or `error` (one of the words of the verifier). \
                  The keys were made for this file and forgotten.",
        "now": NOW,
        "jwks": v.keys.jwks_json(),
        "audiences": {
            "platform": {"name": "trading_platform", "issuers": ["user_service"], "token_type": "at+jwt",
                         "algorithms": ["RS256", "ES256", "EdDSA"], "leeway": 0, "max_token": 16384},
            "rs256": {"name": "trading_platform", "issuers": ["user_service"], "token_type": "at+jwt",
                      "algorithms": ["RS256"], "leeway": 0, "max_token": 16384},
            "lenient": {"name": "trading_platform", "issuers": ["user_service", "https://id.example.com"],
                        "algorithms": ["EdDSA"], "leeway": 60, "max_token": 16384},
            "marketplace": {"name": "orion-core", "issuers": ["https://web.example.com"], "leeway": 0,
                            "secret": SECRET, "previous_secret": PREVIOUS, "max_token": 16384},
            "app": {"name": null, "issuers": [], "algorithms": ["EdDSA"], "leeway": 0, "max_token": 16384,
                    "required": ["email", "name", "sessionID"], "required_values": {"type": "session"}},
        },
        "vectors": v.list,
    });
    let text = serde_json::to_string_pretty(&document).unwrap();
    std::fs::write(path(), text + "\n").unwrap();
}

impl Vectors {
    fn add(&mut self, name: &str, audience: &str, token: String, expect: Value) {
        self.list.push(json!({"name": name, "audience": audience, "token": token, "expect": expect}));
    }

    fn refuse(&mut self, name: &str, audience: &str, token: String, word: &str) {
        self.add(name, audience, token, json!({"error": word}));
    }

    fn signed(&self, head: Value, body: Value) -> String {
        self.keys.sign_text(EdDsa, &head.to_string(), &body.to_string())
    }

    /// EdDSA-signed, with the usual header and some claims changed.
    fn changed(&self, changes: Value) -> String {
        self.keys.sign(EdDsa, &claims_with(changes))
    }

    /// EdDSA-signed text of claims in which repetition is possible.
    fn text(&self, body: &str) -> String {
        self.keys.sign_text(EdDsa, &header(EdDsa).to_string(), body)
    }
}

fn valid(v: &mut Vectors) {
    for algorithm in [Rs256, Es256, EdDsa] {
        let token = v.keys.sign(algorithm, &claims());
        v.add(&format!("valid {algorithm}"), "platform", token, json!({"claims": claims()}));
    }
    let act = json!({"sub": "agt_1", "client_id": "gateway", "act": {"sub": "svc_2"}});
    let token = v.changed(json!({"act": act}));
    v.add("an actor and one before it", "platform", token, json!({"claims": {"act": act}}));
    let token = v.changed(json!({"aud": ["other", "trading_platform"]}));
    v.add(
        "one of two audiences",
        "platform",
        token,
        json!({"claims": {"aud": ["other", "trading_platform"]}}),
    );
    let token = v.changed(json!({"perms": null}));
    v.add("permissions left out", "platform", token, json!({"claims": {"sub": claims()["sub"]}}));
    let token = v.changed(json!({"locale": {"lang": "de"}, "x": [1, 2]}));
    v.add(
        "unknown claims are kept",
        "platform",
        token,
        json!({"claims": {"locale": {"lang": "de"}, "x": [1, 2]}}),
    );
    let token = v.changed(json!({"name": "Ännä \u{1F600} \"q\""}));
    v.add("text beyond ASCII", "platform", token, json!({"claims": {"name": "Ännä \u{1F600} \"q\""}}));
    let head = json!({"alg": "EdDSA", "kid": "ed-1", "typ": "application/AT+JWT"});
    let token = v.signed(head, claims());
    v.add("the long form of the type", "platform", token, json!({"claims": {"iss": "user_service"}}));
    let token = v.signed(json!({"alg": "EdDSA", "typ": "at+jwt"}), claims());
    v.add("no kid and one fitting key", "platform", token, json!({"claims": {"iss": "user_service"}}));
    let token = v.changed(json!({"exp": NOW - 59, "iss": "https://id.example.com"}));
    v.add("within the leeway, second issuer", "lenient", token, json!({"claims": {"exp": NOW - 59}}));
    let token = v.changed(json!({"nbf": NOW + 60}));
    v.add("not before, within the leeway", "lenient", token, json!({"claims": {"nbf": NOW + 60}}));
    let app =
        json!({"email": "a@example.com", "name": "A", "sessionID": "s", "type": "session", "exp": NOW + 1});
    let token = v.keys.sign(EdDsa, &app);
    v.add("an app token without audience", "app", token, json!({"claims": {"sessionID": "s"}}));
    for missing in ["email", "name", "sessionID", "type"] {
        let mut less = app.clone();
        less.as_object_mut().unwrap().remove(missing);
        let token = v.keys.sign(EdDsa, &less);
        v.refuse(&format!("an app token without {missing}"), "app", token, "missing_claim");
    }
    let mut other = app;
    other["type"] = json!("refresh");
    let token = v.keys.sign(EdDsa, &other);
    v.refuse("an app token of another type", "app", token, "wrong_claim");
}

fn algorithms_and_keys(v: &mut Vectors) {
    let body = b64(claims().to_string());
    for alg in ["none", "None", "NONE", ""] {
        let head = b64(json!({"alg": alg, "typ": "at+jwt"}).to_string());
        v.refuse(
            &format!("alg {alg:?} without signature"),
            "platform",
            format!("{head}.{body}."),
            "algorithm_not_allowed",
        );
    }
    let token = v.signed(json!({"alg": "none", "typ": "at+jwt", "kid": "ed-1"}), claims());
    v.refuse("alg none over a good signature", "platform", token, "algorithm_not_allowed");
    let modulus = v.keys.jwks_json()["keys"][0]["n"].as_str().unwrap().to_owned();
    let head = b64(json!({"alg": "HS256", "typ": "at+jwt", "kid": "rsa-1"}).to_string());
    let message = format!("{head}.{body}");
    let token = format!("{message}.{}", b64(hs256(modulus.as_bytes(), message.as_bytes())));
    v.refuse("HS256 with the public key as its secret", "platform", token, "algorithm_not_allowed");
    for algorithm in [Es256, EdDsa] {
        let token = v.keys.sign(algorithm, &claims());
        v.refuse(
            &format!("{algorithm} where only RS256 is allowed"),
            "rs256",
            token,
            "algorithm_not_allowed",
        );
    }
    let token = v.signed(json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "rsa-1"}), claims());
    v.refuse("the kid of another algorithm's key", "platform", token, "algorithm_not_allowed");
    let token = v.signed(json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "ed-9"}), claims());
    v.refuse("a kid that nobody has", "platform", token, "unknown_key");
    let stranger = Keys::fresh();
    for algorithm in [Rs256, Es256, EdDsa] {
        let token = stranger.sign(algorithm, &claims());
        v.refuse(
            &format!("{algorithm} by a stranger's key of the same name"),
            "platform",
            token,
            "bad_signature",
        );
    }
    let own = stranger.jwks_json()["keys"][2].clone();
    for (name, value) in [
        ("jwk", own),
        ("jku", json!("https://evil.example.com/jwks")),
        ("x5u", json!("https://evil.example.com/cert")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        let mut head = header(EdDsa);
        head[name] = value;
        let token = stranger.sign_text(EdDsa, &head.to_string(), &claims().to_string());
        v.refuse(&format!("{name} in the header"), "platform", token, "header_not_allowed");
    }
    let token = v.signed(json!({"alg": "EdDSA", "typ": "JWT", "kid": "ed-1"}), claims());
    v.refuse("another type", "platform", token, "wrong_type");
    let token = v.signed(json!({"alg": "EdDSA", "kid": "ed-1"}), claims());
    v.refuse("no type", "platform", token, "wrong_type");
}

fn time_and_claims(v: &mut Vectors) {
    for (name, changes, word) in [
        ("expired this second", json!({"exp": NOW}), "expired"),
        ("expired long ago", json!({"exp": 1}), "expired"),
        ("an expiry before 1970", json!({"exp": -5}), "expired"),
        ("not valid before the next second", json!({"nbf": NOW + 1}), "not_yet_valid"),
        ("wrong issuer", json!({"iss": "other"}), "wrong_issuer"),
        ("issuer in another case", json!({"iss": "User_Service"}), "wrong_issuer"),
        ("no issuer", json!({"iss": null}), "wrong_issuer"),
        ("wrong audience", json!({"aud": "orion-core"}), "wrong_audience"),
        ("audience that contains the name", json!({"aud": "trading_platform_2"}), "wrong_audience"),
        ("empty list of audiences", json!({"aud": []}), "wrong_audience"),
        ("no audience", json!({"aud": null}), "wrong_audience"),
        ("no expiry", json!({"exp": null}), "missing_claim"),
        ("an expiry in text", json!({"exp": "1800000000"}), "malformed"),
        ("an expiry beyond any calendar", json!({"exp": 1e300}), "malformed"),
        ("roles that are no text", json!({"roles": [1]}), "malformed"),
        ("a subject that is no text", json!({"sub": 7}), "malformed"),
        ("an actor without a subject", json!({"act": {"client_id": "x"}}), "malformed"),
    ] {
        let token = v.changed(changes);
        v.refuse(name, "platform", token, word);
    }
    let mut deep = json!({"sub": "a"});
    for _ in 0..8 {
        deep = json!({"sub": "a", "act": deep});
    }
    let token = v.changed(json!({"act": deep}));
    v.refuse("nine actors", "platform", token, "wrong_claim");
}

fn form(v: &mut Vectors) {
    let good = v.keys.sign(EdDsa, &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let parts: Vec<&str> = good.split('.').collect();
    let mut bytes = v.keys.signature(EdDsa, message.as_bytes());
    bytes[0] ^= 1;
    let usual = header(EdDsa).to_string();
    let text = claims().to_string();
    let tail = &text[1..];
    // 64 bytes end in two characters of which the last has four idle bits
    let twin = signature.chars().last().map(|c| char::from(c as u8 + 1)).unwrap();
    let not_canonical = format!("{message}.{}{twin}", &signature[..signature.len() - 1]);
    let other_claims = b64(claims_with(json!({"roles": ["admin"]})).to_string());
    let twice_in_header = format!("{{\"alg\":\"none\",{}", &usual[1..]);
    let cases = [
        ("one bit of the signature", format!("{message}.{}", b64(&bytes)), "bad_signature"),
        (
            "other claims under the signature",
            format!("{}.{other_claims}.{}", parts[0], parts[2]),
            "bad_signature",
        ),
        ("the signature left out", format!("{message}."), "bad_signature"),
        ("half of the signature", format!("{message}.{}", b64(&bytes[..32])), "bad_signature"),
        ("cut after the claims", message.to_owned(), "malformed"),
        ("cut after the header", parts[0].to_owned(), "malformed"),
        ("nothing", String::new(), "malformed"),
        ("two dots", "..".to_owned(), "malformed"),
        ("a fourth part", format!("{good}.AA"), "malformed"),
        ("padded base64", format!("{good}=="), "malformed"),
        ("idle bits of base64 that are set", not_canonical, "malformed"),
        ("a space after it", format!("{good} "), "malformed"),
        ("a line break in it", format!("{}\n.{}.{}", parts[0], parts[1], parts[2]), "malformed"),
        ("the standard alphabet of base64", format!("{}.{}.++//", parts[0], parts[1]), "malformed"),
        ("a claim twice", v.text(&format!("{{\"sub\":\"usr_evil\",{tail}")), "malformed"),
        ("the expiry twice", v.text(&format!("{{\"exp\":9999999999,{tail}")), "malformed"),
        ("an unknown claim twice", v.text(&format!("{{\"x\":1,\"x\":2,{tail}")), "malformed"),
        ("alg twice", v.keys.sign_text(EdDsa, &twice_in_header, &text), "malformed"),
        ("claims that are a list", v.text("[]"), "malformed"),
        ("claims that are no JSON", v.text("{"), "malformed"),
        ("something after the claims", v.text(&format!("{text}{{}}")), "malformed"),
        ("a header that is no JSON", v.keys.sign_text(EdDsa, "nonsense", &text), "malformed"),
        ("a header without alg", v.keys.sign_text(EdDsa, "{\"typ\":\"at+jwt\"}", &text), "malformed"),
        ("a huge token", v.changed(json!({"x": "x".repeat(16_384)})), "too_long"),
    ];
    for (name, token, word) in cases {
        v.refuse(name, "platform", token, word);
    }
}

fn shared_secret(v: &mut Vectors) {
    let body = json!({"iss": "https://web.example.com", "aud": "orion-core", "sub": "ann@example.com",
                      "iat": NOW, "exp": NOW + 300});
    let token = v.keys.sign(Hs256, &body);
    v.add("HS256 by the current secret", "marketplace", token, json!({"claims": body}));
    let message = format!("{}.{}", b64(header(Hs256).to_string()), b64(body.to_string()));
    let by = |secret: &[u8]| format!("{message}.{}", b64(hs256(secret, message.as_bytes())));
    let previous = hex::decode(PREVIOUS.strip_prefix("hex:").unwrap()).unwrap();
    v.add("HS256 by the previous secret", "marketplace", by(&previous), json!({"claims": body}));
    v.refuse(
        "HS256 by another secret",
        "marketplace",
        by(b"another secret of enough bytes..."),
        "bad_signature",
    );
    v.refuse("HS256 by an empty secret", "marketplace", by(b""), "bad_signature");
    for algorithm in [Rs256, EdDsa] {
        let token = v.keys.sign(algorithm, &body);
        v.refuse(
            &format!("{algorithm} where a secret is shared"),
            "marketplace",
            token,
            "algorithm_not_allowed",
        );
    }
    for (name, key, value, word) in [
        ("HS256 expired", "exp", json!(NOW), "expired"),
        ("HS256 of another issuer", "iss", json!("https://evil.example.com"), "wrong_issuer"),
        ("HS256 for another audience", "aud", json!("trading_platform"), "wrong_audience"),
    ] {
        let mut changed = body.clone();
        changed[key] = value;
        let token = v.keys.sign(Hs256, &changed);
        v.refuse(name, "marketplace", token, word);
    }
}
