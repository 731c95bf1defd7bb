//! Figures within a text that is read from right to left. After an Arabic letter the parts of `300-123-456`, of a telephone
//! number or of a date would be set one after the other from the right; set apart, they keep their order.

/// Around what is read from left to right whatever stands around it.
const APART: char = '\u{2066}';
const END: char = '\u{2069}';

/// The text with its figures set apart, where it has letters that are read from right to left.
pub fn in_order(text: &str) -> String {
    if !text.chars().any(is_right_to_left) {
        return text.to_owned();
    }
    let (mut out, mut run) = (String::with_capacity(text.len() + 12), String::new());
    for c in text.chars() {
        if c == ' ' || is_part(c) {
            run.push(c);
        } else {
            out.push_str(&set_apart(&run));
            run.clear();
            out.push(c);
        }
    }
    out + &set_apart(&run)
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{065f}' | '\u{066e}'..='\u{06ef}' | '\u{06fa}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | '\u{0660}'..='\u{0669}' | '\u{06f0}'..='\u{06f9}')
}

/// What a number, a date or an identifier is made of.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_digit(c) || "-\u{2013}/.:,()+#_@%$€£¥₹".contains(c)
}

/// Of a run without letters of the other direction: each group that belongs together.
fn set_apart(run: &str) -> String {
    let mut groups: Vec<String> = Vec::new();
    for word in run.split(' ') {
        match groups.last_mut() {
            Some(group) if goes_on(group, word) => {
                group.push(' ');
                group.push_str(word);
            }
            _ => groups.push(word.to_owned()),
        }
    }
    groups.iter().map(|group| whole(group)).collect::<Vec<_>>().join(" ")
}

/// Whether the next word belongs to the same number: `+20 2 2735 1234`, `300 123 456`.
fn goes_on(group: &str, word: &str) -> bool {
    let number = |text: &str| text.chars().any(is_digit) && !text.chars().any(|c| c.is_ascii_alphabetic());
    let long = |text: &str| text.chars().filter(|c| is_digit(*c)).count() >= 3;
    let last = group.rsplit(' ').next().unwrap_or_default();
    number(group) && number(word) && !last.ends_with([',', ':', '.']) && (group.starts_with(['+', '(', '0']) || (long(last) && long(word)))
}

/// A group of several parts, set apart; what only ends the sentence stays outside.
fn whole(group: &str) -> String {
    let inner = group.trim_end_matches([',', ':', '.', '-', '/']);
    let parts = inner.split(|c: char| !c.is_ascii_alphanumeric() && !is_digit(c)).filter(|part| !part.is_empty());
    let several = parts.count() > 1 || inner.starts_with('+');
    if !several || !inner.chars().any(is_digit) {
        return group.to_owned();
    }
    format!("{APART}{inner}{END}{}", &group[inner.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With brackets for what is set apart.
    fn seen(text: &str) -> String {
        in_order(text).replace(APART, "[").replace(END, "]")
    }

    #[test]
    fn numbers_telephones_and_dates_keep_their_order() {
        assert_eq!(seen("الرقم الضريبي: 300-123-456"), "الرقم الضريبي: [300-123-456]");
        assert_eq!(seen("هاتف +20 2 2735 1234، القاهرة"), "هاتف [+20 2 2735 1234]، القاهرة");
        assert_eq!(seen("من 2026-03-01 إلى 2026-03-31."), "من [2026-03-01] إلى [2026-03-31].");
        assert_eq!(seen("رقم:300 123 456"), "رقم[:300 123 456]");
        assert_eq!(seen("عقد EG-2026/17"), "عقد [EG-2026/17]");
    }

    #[test]
    fn what_needs_nothing_stays_as_it_is() {
        for text in ["1 Nile Street, 300-123-456", "شقة 5 12 شارع النيل", "باقة 100", "+20 2 2735 1234", ""] {
            assert_eq!(in_order(text), text);
        }
    }
}
