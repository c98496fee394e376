// the values are exact: read from JSON and never computed with
#![allow(clippy::float_cmp)]

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(pieces: &[&str]) -> (String, Envelope) {
    let mut reader = Reader::new();
    let mut shown: String = pieces.iter().map(|piece| reader.push(piece)).collect();
    let (rest, envelope) = reader.finish();
    shown.push_str(&rest);
    (shown, envelope)
}

/// Cut into single characters, and whole: the same.
fn both(text: &str) -> (String, Envelope) {
    let letters: Vec<String> = text.chars().map(String::from).collect();
    let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
    let whole = read(&[text]);
    assert_eq!(read(&letters), whole, "{text:?}");
    assert_eq!(whole.1, parse(text));
    whole
}

#[test]
fn an_envelope_alone() {
    let text = r#"{"commands":[{"command":"placeOrder","parameters":{"symbol":"AAPL","side":"buy","quantity":"5"},"confidence":0.9}],"naturalResponse":"Buying.","confidence":0.7}"#;
    let (shown, envelope) = both(text);
    assert_eq!(shown, "Buying.");
    assert_eq!(envelope.confidence, 0.7);
    assert_eq!(envelope.commands[0].confidence, 0.9);
    assert_eq!(envelope.commands[0].kind(), Kind::Trading);
    assert_eq!(envelope.commands[0].parameters["quantity"], "5");
}

#[test]
fn prose_and_fences_around_it() {
    let (shown, envelope) =
        both("Sure!\n\n```json\n{\"commands\":[],\"naturalResponse\":\"Done.\"}\n```\nBye");
    assert_eq!(shown, "Sure!\n\nDone.");
    assert_eq!(envelope.natural_response, "Done.");
    let (shown, _) = both("```\n{\"naturalResponse\":\"Done.\"}\n```");
    assert_eq!(shown, "Done.");
}

#[test]
fn what_is_missing_has_the_contracts_defaults() {
    let envelope = parse(r#"{"commands":"placeOrder"}"#);
    assert!(envelope.commands.is_empty());
    assert_eq!(envelope.natural_response, "");
    assert_eq!(envelope.confidence, 0.8);
    assert_eq!(parse("{}").confidence, 0.8);
    assert_eq!(parse(r#"{"commands":[{"command":"none"}],"confidence":0.5}"#).commands[0].confidence, 0.5);
}

#[test]
fn a_confidence_that_is_no_number_counts_as_none_and_others_stay_within_bounds() {
    assert_eq!(parse(r#"{"confidence":"high"}"#).confidence, 0.0);
    assert_eq!(parse(r#"{"confidence":7}"#).confidence, 1.0);
    assert_eq!(parse(r#"{"confidence":-7}"#).confidence, 0.0);
}

#[test]
fn no_json_means_the_whole_text_is_natural() {
    for text in
        ["Hello.", "", "a set {x, y} and {z}", "{", "{ not json }", "trailing fence ```json\n", "`` ` ```"]
    {
        let (shown, envelope) = both(text);
        assert_eq!((shown.as_str(), envelope.natural_response.as_str()), (text, text));
        assert!(envelope.commands.is_empty());
    }
}

#[test]
fn braces_in_prose_do_not_hide_the_envelope() {
    let (shown, envelope) =
        both("For {x}: {\"commands\":[{\"command\":\"none\"}],\"naturalResponse\":\"ok\"}");
    assert_eq!(shown, "For {x}:\n\nok");
    assert_eq!(envelope.commands.len(), 1);
}

#[test]
fn a_cut_or_broken_envelope_commands_nothing() {
    let order =
        r#"{"commands":[{"command":"placeOrder","parameters":{"symbol":"AAPL"}}],"naturalResponse":"Bu"#;
    let (shown, envelope) = both(order);
    assert_eq!(shown, "Bu", "what was already said stays, the raw text is not shown");
    assert!(envelope.commands.is_empty());
    let (shown, envelope) =
        both(r#"{"commands":[{"command":"placeOrder"} oops]} {"commands":[{"command":"none"}]}"#);
    assert!(envelope.commands.is_empty());
    assert_eq!(shown, envelope.natural_response);
}

#[test]
fn only_the_outermost_naturalresponse_speaks() {
    let (shown, _) = both(
        r#"{"commands":[{"command":"x","parameters":{"naturalResponse":"no"}}],"a":{"naturalResponse":"no"},"naturalResponse":"yes","z":"naturalResponse"}"#,
    );
    assert_eq!(shown, "yes");
}

#[test]
fn escapes_are_decoded_also_when_cut() {
    let (shown, envelope) = both(r#"{"naturalResponse":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é😀"}"#);
    assert_eq!(shown, "a\"\\/\u{8}\u{c}\n\r\té😀é😀");
    assert_eq!(shown, envelope.natural_response);
    assert_eq!(both(r#"{"naturalResponse":"\ud83d"}"#).1.commands, Vec::new());
}

#[test]
fn unknown_and_shapeless_commands_are_kept() {
    let envelope = parse(r#"{"commands":[{"command":"launchRocket","parameters":{"to":"moon"}},"hold",7]}"#);
    let names: Vec<&str> = envelope.commands.iter().map(|c| c.command.as_str()).collect();
    assert_eq!(names, ["launchRocket", "", ""]);
    assert!(envelope.commands.iter().all(|c| c.kind() == Kind::Unknown));
    assert_eq!(envelope.commands[2].parameters, json!(7));
}

/// Texts of the shapes that matter: prose, fences, envelopes whole, cut and damaged, in any order.
fn answers() -> impl Strategy<Value = String> {
    let natural = "[a-z \\n\"{}`é😀]{0,12}";
    let envelope = (natural, 0..4usize).prop_map(|(natural, shape)| {
        let text = json!({"commands":[{"command":"none","parameters":{"n":{"naturalResponse":"{"}}}],"naturalResponse":natural,"confidence":0.5}).to_string();
        let middle = (text.len() / 2..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        match shape {
            0 | 1 => text,
            2 => text[..middle].to_owned(),
            _ => text.replace(':', " "),
        }
    });
    let part = prop_oneof![
        "[a-z \\n`{}\"]{0,10}",
        Just("```json\n".to_owned()),
        Just("\n```".to_owned()),
        Just("``` x ".to_owned()),
        envelope
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_cutting_gives_the_same(text in answers(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| places[cut.index(places.len())]).chain([0, text.len()]).collect();
        cuts.sort_unstable();
        let pieces: Vec<&str> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
        let (shown, envelope) = read(&pieces);
        let (whole, _) = read(&[&text]);
        prop_assert_eq!(&shown, &whole);
        prop_assert_eq!(&envelope, &parse(&text));
        // nothing but the natural response is shown, save for prose that stood before it
        if envelope.natural_response != text {
            prop_assert!(shown.ends_with(&envelope.natural_response));
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        let (_, envelope) = read(&[&text]);
        prop_assert_eq!(envelope, parse(&text));
    }
}
