//! A request cut into words, each as written and in lower case.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As the person wrote it, without the punctuation around it.
    pub raw: String,
    pub low: String,
}

#[derive(Debug)]
pub(super) struct Words {
    pub list: Vec<Word>,
    /// The whole in lower case, words separated by single spaces.
    pub line: String,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let text = text.replace(['\u{2019}', '\u{2018}'], "'").replace(['\u{2212}', '\u{2013}'], "-");
        let mut list = Vec::new();
        for part in text.split_whitespace() {
            push(&mut list, part);
        }
        let low: Vec<&str> = list.iter().map(|word| word.low.as_str()).collect();
        let line = low.join(" ");
        Self { list, line }
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.list.iter().any(|w| w.low == word)
    }

    pub(super) fn any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.has(word))
    }

    /// Whether the words of `phrase` stand in a row.
    pub(super) fn says(&self, phrase: &str) -> bool {
        format!(" {} ", self.line).contains(&format!(" {phrase} "))
    }

    pub(super) fn low(&self, index: usize) -> &str {
        self.list.get(index).map_or("", |word| &word.low)
    }
}

fn push(list: &mut Vec<Word>, part: &str) {
    let trimmed = part.trim_matches(|c: char| !(c.is_alphanumeric() || "$€£%@+-._".contains(c)));
    let trimmed = trimmed.trim_end_matches(['.', '-']);
    if trimmed.is_empty() {
        return;
    }
    // "20-day", "5-minute": a number and its unit
    if let Some((number, unit)) = trimmed.split_once('-')
        && !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit())
        && unit.chars().all(char::is_alphabetic)
    {
        push(list, number);
        push(list, unit);
        return;
    }
    // "buy/sell", "5,IBM": words that lost their space
    if let Some((left, right)) = trimmed.split_once(['/', ';', ',', '('])
        && !(trimmed.contains(',')
            && right.starts_with(|c: char| c.is_ascii_digit())
            && left.ends_with(|c: char| c.is_ascii_digit()))
    {
        push(list, left);
        push(list, right);
        return;
    }
    list.push(Word { raw: trimmed.to_owned(), low: trimmed.to_lowercase() });
}
