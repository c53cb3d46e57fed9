//! `[meta]`: the name of a scenario and its question.

use super::Fields;

/// Longest question, in characters.
const QUESTION_MAX: usize = 1_000;

/// The name of a scenario and its question.
pub(super) fn read(fields: &mut Fields<'_>) -> (String, String) {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_fine = |name: &str| (1..=80).contains(&name.len()) && name.bytes().all(is_plain);
    let help = "use up to 80 lower-case letters, digits and -";
    let name = fields.name(is_fine, "name an output folder", help);
    let question = fields.text("question", Some(""));
    if question.chars().count() > QUESTION_MAX {
        let message = format!("the question has more than {QUESTION_MAX} characters");
        fields.wrong("question", message, "");
    }
    (name, question)
}
