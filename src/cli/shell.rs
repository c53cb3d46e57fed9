//! `alloy-sim completions`, `man` and `schema`: what shells, readers of manuals and editors want to
//! know.

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::arguments::Arguments;
use super::{Exit, terminal};

/// Prints the completions of a shell.
pub(super) fn completions(shell: Shell) -> Result<Exit, Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "alloy-sim", &mut script);
    print(&script)
}

/// Prints the JSON Schema of scenario files, or of answers.
pub(super) fn schema(of_answers: bool) -> Result<Exit, Exit> {
    let schema = if of_answers {
        include_str!("../../docs/answer.schema.json")
    } else {
        include_str!("../../docs/scenario.schema.json")
    };
    terminal::print(schema.trim_end())
}

/// Prints one manual page: the program, then each command.
pub(super) fn man() -> Result<Exit, Exit> {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    let commands = command
        .get_subcommands()
        .filter(|each| each.get_name() != "help");
    let parts = commands.map(|each| {
        let name = each.get_bin_name().unwrap_or_default().to_owned();
        Man::new(each.clone().display_name(name))
    });
    let whole = Man::new(command.clone());
    whole.render(&mut page).expect("a vector takes all bytes");
    for part in parts {
        part.render_description_section(&mut page)
            .and_then(|()| part.render_synopsis_section(&mut page))
            .and_then(|()| part.render_options_section(&mut page))
            .and_then(|()| part.render_extra_section(&mut page))
            .expect("a vector takes all bytes");
    }
    print(&page)
}

fn print(bytes: &[u8]) -> Result<Exit, Exit> {
    terminal::print(String::from_utf8_lossy(bytes).trim_end())
}
