//! Associated data: which owner and row a sealed text belongs to.

/// The associated data for a list of parts: their number, then each with its length, as 32-bit big endian.
///
/// INVARIANT: two different lists never give the same bytes, so that a text cannot be moved between rows
/// whose names happen to concatenate alike.
pub fn bind(parts: &[&str]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 + parts.iter().map(|p| 4 + p.len()).sum::<usize>());
    out.extend_from_slice(&(parts.len() as u32).to_be_bytes());
    for part in parts {
        out.extend_from_slice(&(part.len() as u32).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}

/// The associated data of one use of a list of parts, so that what was made for one is nothing to the other.
pub(crate) fn context(purpose: &str, parts: &[&str]) -> Vec<u8> {
    let mut all = Vec::with_capacity(parts.len() + 1);
    all.push(purpose);
    all.extend_from_slice(parts);
    bind(&all)
}

#[cfg(test)]
mod tests {
    use super::bind;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn different_lists_bind_differently(
            a in proptest::collection::vec(".{0,6}", 0..5),
            b in proptest::collection::vec(".{0,6}", 0..5),
        ) {
            let x: Vec<&str> = a.iter().map(String::as_str).collect();
            let y: Vec<&str> = b.iter().map(String::as_str).collect();
            prop_assert_eq!(bind(&x) == bind(&y), a == b);
        }

        #[test]
        fn a_shifted_border_binds_differently(text in "[a-z]{2,20}", cut in 0usize..20, other in 0usize..20) {
            let (i, j) = (cut % text.len(), other % text.len());
            prop_assume!(i != j);
            prop_assert_ne!(
                bind(&[&text[..i], &text[i..]]),
                bind(&[&text[..j], &text[j..]])
            );
        }
    }
}
