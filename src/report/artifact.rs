//! A file of the output folder, as bytes.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// A file of the output folder: its name and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Path inside the output folder, with `/`: `charts/memory.svg`.
    pub name: String,
    /// Content of the file.
    pub bytes: Vec<u8>,
}

impl Artifact {
    /// A text file.
    pub(super) fn text(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }
}

/// The SHA-256 of `bytes` in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal, as `sha256sum` prints them.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes all text");
    }
    text
}

/// The name of a case as part of a path, in lower case. Runs of other characters become one hyphen.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain() {
        assert_eq!(
            slug("host daemon, fleet.metrics.replicas = 3"),
            "host-daemon-fleet-metrics-replicas-3"
        );
    }

    #[test]
    fn the_hash_is_that_of_the_standard() {
        // Source: FIPS 180-4 example, the message "abc".
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), hash);
    }
}
