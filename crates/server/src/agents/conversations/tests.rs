use super::model::title_of;

#[test]
fn titles_are_one_short_line() {
    assert_eq!(title_of("\n  buy 5 AAPL  \nplease"), "buy 5 AAPL");
    assert_eq!(title_of("a\u{7}b"), "ab");
    let long = "word ".repeat(40);
    let title = title_of(&long);
    assert!(title.ends_with("word…") && title.chars().count() <= 61, "{title}");
    assert_eq!(title_of(&"x".repeat(100)).chars().count(), 61);
    assert_eq!(title_of(""), "");
}
