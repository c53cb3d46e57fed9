//! Lines that a workload logs.

use super::draw::Draw;
use crate::model::blueprint::Workload;

/// Lines that one target logs, in one draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lines {
    /// Bytes per second.
    pub bytes: f64,
    /// Bytes per line.
    pub line: f64,
    /// Files that the target writes to.
    pub files: f64,
    /// Bytes after which a file is rotated.
    pub rotated_at: f64,
}

impl Lines {
    /// Nothing.
    pub const NONE: Self = Self {
        bytes: 0.0,
        line: 1.0,
        files: 0.0,
        rotated_at: 0.0,
    };

    /// The lines of `workload`, with their unknowns drawn.
    pub fn draw(workload: &Workload, draw: &mut Draw) -> Self {
        let path = format!("workload.{}", workload.name);
        let logs = &workload.logs;
        let bytes = draw.centre(&format!("{path}.logs_per_pod"), &logs.bytes_per_second);
        if bytes <= 0.0 {
            return Self::NONE;
        }
        Self {
            bytes,
            line: draw.centre(&format!("{path}.bytes_per_line"), &logs.bytes_per_line),
            files: logs.files,
            rotated_at: logs.rotated_at,
        }
    }

    /// Lines per second.
    pub fn per_second(&self) -> f64 {
        self.bytes / self.line
    }
}
