//! The presets that are part of the program: files in the language of scenarios.

/// A preset of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct BuiltIn {
    /// What scenarios call it.
    pub(super) name: &'static str,
    /// Its file.
    pub(super) text: &'static str,
}

/// What a scenario gets that names no preset.
pub(super) const DEFAULT: BuiltIn = BuiltIn {
    name: "alloy",
    text: include_str!("alloy.toml"),
};

/// All of them, in the order of the documents.
pub(super) const BUILT_IN: [BuiltIn; 3] = [
    DEFAULT,
    BuiltIn {
        name: "deployment-guide",
        text: include_str!("deployment-guide.toml"),
    },
    BuiltIn {
        name: "prometheus-agent-2.42",
        text: include_str!("prometheus-agent-2.42.toml"),
    },
];
