//! The presets of the program: files in the language of scenarios.

/// A preset of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct BuiltIn {
    /// Name of the preset in scenarios.
    pub(super) name: &'static str,
    /// Content of its file.
    pub(super) text: &'static str,
}

/// The preset of a scenario that names none.
pub(super) const DEFAULT: BuiltIn = BuiltIn {
    name: "alloy-1.18",
    text: include_str!("alloy-1.18.toml"),
};

/// Another name of the default, which follows the version of Alloy.
pub(super) const ALIAS: &str = "alloy";

/// All presets, in the order of the documents.
pub(super) const BUILT_IN: [BuiltIn; 4] = [
    DEFAULT,
    BuiltIn {
        name: "alloy-docs",
        text: include_str!("alloy-docs.toml"),
    },
    BuiltIn {
        name: "deployment-guide",
        text: include_str!("deployment-guide.toml"),
    },
    BuiltIn {
        name: "prometheus-agent-2.42",
        text: include_str!("prometheus-agent-2.42.toml"),
    },
];
