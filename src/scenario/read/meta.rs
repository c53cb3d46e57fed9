//! `[meta]`: what a scenario is called and asks.

use super::super::short;
use super::Fields;

/// Longest question, in characters.
const QUESTION_MAX: usize = 1_000;

/// The name of a scenario and its question.
pub(super) fn read(fields: &mut Fields<'_>) -> (String, String) {
    let name = fields.text("name", None);
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if fields.is_text("name") && (name.is_empty() || name.len() > 80 || !name.bytes().all(is_plain))
    {
        let message = format!("`{}` cannot name an output folder", short(&name));
        let help = "use up to 80 lower-case letters, digits and -";
        fields.wrong("name", message, help);
    }
    let question = fields.text("question", Some(""));
    if question.chars().count() > QUESTION_MAX {
        let message = format!("the question has more than {QUESTION_MAX} characters");
        fields.wrong("question", message, "");
    }
    (name, question)
}
