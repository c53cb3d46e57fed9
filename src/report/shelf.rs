//! Where the files of a result go, one after the other, each as it is made.

use std::io::Write;

use sha2::{Digest as _, Sha256};

use super::artifact::{Artifact, hexadecimal};

/// Writes the content of a file, once.
pub type Content<'a> = &'a mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>;

/// Takes the files of a result. No file needs to be held in memory as a whole.
pub trait Shelf {
    /// Takes the file `name`, a path inside the output folder with `/`, whose content `content`
    /// writes.
    ///
    /// # Errors
    ///
    /// If the file cannot be taken. Then no more files are offered.
    fn file(&mut self, name: &str, content: Content<'_>) -> std::io::Result<()>;
}

/// Holds the files in memory.
impl Shelf for Vec<Artifact> {
    fn file(&mut self, name: &str, content: Content<'_>) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        content(&mut bytes)?;
        let name = name.to_owned();
        self.push(Artifact { name, bytes });
        Ok(())
    }
}

/// Puts files on a shelf, and lists them for the manifest.
pub(super) struct Filing<'a> {
    shelf: &'a mut dyn Shelf,
    listed: Vec<Listed>,
}

/// What the manifest says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Path inside the output folder.
    pub(super) name: String,
    /// Size of the file.
    pub(super) bytes: u64,
    /// SHA-256 of the content, in hexadecimal.
    pub(super) sha256: String,
}

impl<'a> Filing<'a> {
    /// Nothing is on the shelf yet.
    pub(super) fn new(shelf: &'a mut dyn Shelf) -> Self {
        let listed = Vec::new();
        Self { shelf, listed }
    }

    /// Puts the file `name` on the shelf.
    pub(super) fn file(&mut self, name: &str, content: Content<'_>) -> std::io::Result<()> {
        let mut seen = (0, Sha256::new());
        self.shelf.file(name, &mut |sink| {
            let mut tally = Tally {
                sink,
                bytes: 0,
                hash: Sha256::new(),
            };
            content(&mut tally)?;
            seen = (tally.bytes, tally.hash);
            Ok(())
        })?;
        let (bytes, hash) = seen;
        self.listed.push(Listed {
            name: name.to_owned(),
            bytes,
            sha256: hexadecimal(&hash.finalize()),
        });
        Ok(())
    }

    /// Puts a file that is already made on the shelf.
    pub(super) fn text(&mut self, name: &str, text: &str) -> std::io::Result<()> {
        self.file(name, &mut |sink| sink.write_all(text.as_bytes()))
    }

    /// The files on the shelf, in their order.
    pub(super) fn listed(&self) -> &[Listed] {
        &self.listed
    }
}

/// Passes bytes on, and counts and hashes them on the way.
struct Tally<'a> {
    sink: &'a mut dyn Write,
    bytes: u64,
    hash: Sha256,
}

impl Write for Tally<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = self.sink.write(bytes)?;
        self.bytes += taken as u64;
        self.hash.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.sink.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes seven bytes at a time, so that the parts of a file are hashed one after the other.
    struct Narrow(Vec<Artifact>);

    impl Shelf for Narrow {
        fn file(&mut self, name: &str, content: Content<'_>) -> std::io::Result<()> {
            struct Seven<'a>(&'a mut dyn Write);
            impl Write for Seven<'_> {
                fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                    self.0.write(&bytes[..bytes.len().min(7)])
                }
                fn flush(&mut self) -> std::io::Result<()> {
                    self.0.flush()
                }
            }
            self.0.file(name, &mut |sink| content(&mut Seven(sink)))
        }
    }

    #[test]
    fn the_list_says_what_is_on_the_shelf() {
        let text = "one word after the other\n".repeat(3);
        let mut narrow = Narrow(Vec::new());
        let mut filing = Filing::new(&mut narrow);
        filing.text("words.txt", &text).unwrap();
        let listed = filing.listed().to_vec();
        let bytes = &narrow.0[0].bytes;
        assert_eq!(*bytes, text.as_bytes());
        let expected = Listed {
            name: "words.txt".to_owned(),
            bytes: bytes.len() as u64,
            sha256: super::super::artifact::sha256(bytes),
        };
        assert_eq!(listed, [expected]);
    }

    #[test]
    fn a_shelf_that_refuses_gets_no_more_files() {
        struct Full;
        impl Shelf for Full {
            fn file(&mut self, _: &str, _: Content<'_>) -> std::io::Result<()> {
                Err(std::io::Error::other("full"))
            }
        }
        let mut full = Full;
        let mut filing = Filing::new(&mut full);
        assert!(filing.text("words.txt", "").is_err());
        assert_eq!(filing.listed(), []);
    }
}
