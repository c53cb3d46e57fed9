//! The rooms of the model, read from the second table of ARCHITECTURE.md's code map: who may use whom, and
//! how large things may get.

use super::source;

/// Names of the rooms, from the bottom up, and whether each may plan events.
#[derive(Debug)]
pub(super) struct Rooms(Vec<(String, bool)>);

impl Rooms {
    /// Reads the table whose header begins with `room`.
    pub(super) fn read(document: &str) -> Self {
        let table = document.split("\n| room |").nth(1).unwrap();
        let rows = table.lines().skip(2);
        let rows = rows.take_while(|line| line.starts_with("| `"));
        let room = |row: &str| {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let [_, name, _, plans, ..] = cells[..] else {
                panic!("a row has three columns: {row}");
            };
            (name.trim_matches('`').to_owned(), plans == "yes")
        };
        let rooms = Self(rows.map(room).collect());
        assert!(rooms.0.len() > 10, "the table has rows");
        rooms
    }

    /// Names of the rooms, from the bottom up.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names().position(|room| room == name)
    }

    /// Rooms above its own that a file uses, and clocks in a room that may not plan events.
    pub(super) fn violations(&self, path: &str, code: &str) -> Vec<String> {
        let Some(own) = room_of(path) else {
            return Vec::new();
        };
        let Some(place) = self.place(own) else {
            return vec![format!("{path}: {own} is no room of the table")];
        };
        let used = source::paths(code).into_iter().filter_map(|path| {
            let is_model = path.len() > 2 && path[0] == "crate" && path[1] == "model";
            is_model.then(|| path[2].clone())
        });
        let above = used.filter(|used| self.place(used).is_some_and(|other| other > place));
        let mut found: Vec<String> = above
            .map(|used| format!("{path}: `{own}` must not use `{used}`, which stands above it"))
            .collect();
        let words = source::words(code);
        for clock in ["Calendar", "Moment"] {
            if !self.0[place].1 && words.iter().any(|word| word == clock) {
                found.push(format!(
                    "{path}: a part has no clock, and must not use {clock}"
                ));
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

/// The room of a file of the model, as `model/wal/log.rs`.
fn room_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("model/")?;
    let room = inside.split('/').next()?.trim_end_matches(".rs");
    (room != "mod").then_some(room)
}

/// A struct with its fields, as the rules see it.
#[derive(Debug)]
struct Struct {
    name: String,
    fields: usize,
}

/// The structs of a file with named fields.
fn structs(code: &str) -> Vec<Struct> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find("struct ") {
        rest = &rest[start + "struct ".len()..];
        let end = rest.find(['{', ';', '(']).unwrap_or(rest.len());
        let head = &rest[..end];
        if !rest[end..].starts_with('{') {
            continue;
        }
        let body = &rest[end + 1..];
        let close = body.find('}').unwrap_or(body.len());
        let name = head.split(['<', ' ', '\n']).next().unwrap_or_default();
        let fields = body[..close].lines();
        let fields = fields.filter(|line| line.trim_end().ends_with(',') && line.contains(':'));
        found.push(Struct {
            name: name.to_owned(),
            fields: fields.count(),
        });
    }
    found
}

/// Fields that a struct of the model with methods that change it may have.
const FIELDS_MAX: usize = 16;

/// Structs of a file that change themselves and have too many fields. Plain data is exempt: it has no
/// method with `&mut self`. The rule sees methods in the file of the struct and in files below its folder.
pub(super) fn too_many_fields(path: &str, code: &str, room: &str) -> Vec<String> {
    if room_of(path).is_none() {
        return Vec::new();
    }
    let changes = |name: &str| {
        let impls = room.split("\nimpl").skip(1);
        let impls = impls.filter(|text| {
            let head = text.split('{').next().unwrap_or_default();
            let subject = head.rsplit(" for ").next().unwrap_or_default();
            let mut words = subject.split(|char: char| !char.is_alphanumeric());
            words.any(|word| word == name)
        });
        impls.into_iter().any(|text| text.contains("&mut self"))
    };
    let large = structs(code).into_iter();
    let large = large.filter(|found| found.fields > FIELDS_MAX && changes(&found.name));
    large
        .map(|found| {
            let Struct { name, fields } = found;
            format!("{path}: {name} has {fields} fields, at most {FIELDS_MAX}")
        })
        .collect()
}

#[test]
fn structs_are_counted() {
    let code =
        "pub struct A<'a> {\n    x: u8,\n    pub y: &'a [u8],\n}\nstruct B;\nstruct C(u8);\n";
    let found: Vec<_> = structs(code)
        .iter()
        .map(|found| (found.name.clone(), found.fields))
        .collect();
    assert_eq!(found, [("A".to_owned(), 2)]);
    let fields = "    x: u8,\n".repeat(FIELDS_MAX + 1);
    let large = format!("struct D {{\n{fields}}}\n");
    assert!(too_many_fields("model/node/a.rs", &large, &large).is_empty());
    let changed = format!("{large}\nimpl D {{\n    fn f(&mut self) {{}}\n}}\n");
    assert_eq!(
        too_many_fields("model/node/a.rs", &large, &changed).len(),
        1
    );
}
