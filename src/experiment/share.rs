//! A share of the blocks of a study, for one of several machines.

use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use super::archive::{Archive, Kept};
use super::block::{Block, Worker};
use super::run::{Options, Progress, Stopped};
use super::store::StoreError;

/// One of several shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Number of the share, from 1.
    pub number: u32,
    /// Number of shares.
    pub of: u32,
}

/// A share that has been computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The draws of each case of which it is a share.
    pub draws: Range<u32>,
    /// Number of its blocks of these draws.
    pub blocks: usize,
}

/// Computes what an archive lacks of a share. Of a study that runs until it is settled, these are the
/// next draws of which the archive lacks any.
///
/// # Errors
///
/// If it is interrupted, a draw cannot be simulated, or the archive takes no block.
pub fn compute(archive: &Archive, share: Share, options: &Options<'_>) -> Result<Shared, Stopped> {
    let mut done = 0;
    loop {
        let round = archive.round(done).unwrap_or_default();
        let ends = round.iter().map(|block| block.draws.end);
        let draws = done..ends.max().unwrap_or(done);
        let own: Vec<Block> = share.own(round).collect();
        let lacking = lacking(archive, &own)?;
        let is_last = archive.round(draws.end).is_none();
        if lacking.is_empty() && !is_last {
            done = draws.end;
            continue;
        }
        simulate(archive, &lacking, options)?;
        let blocks = own.len();
        return Ok(Shared { draws, blocks });
    }
}

impl Share {
    /// The blocks of the share: every so many, so that each share has blocks of each case.
    fn own(self, blocks: Vec<Block>) -> impl Iterator<Item = Block> {
        let first = self.number.saturating_sub(1) as usize;
        blocks
            .into_iter()
            .skip(first)
            .step_by(self.of.max(1) as usize)
    }
}

fn lacking(archive: &Archive, blocks: &[Block]) -> Result<Vec<Block>, StoreError> {
    let mut lacking = Vec::new();
    for block in blocks {
        if archive.has(block)? != Kept::Whole {
            lacking.push(block.clone());
        }
    }
    Ok(lacking)
}

fn simulate(archive: &Archive, blocks: &[Block], options: &Options<'_>) -> Result<(), Stopped> {
    let pool = ThreadPoolBuilder::new().num_threads(options.threads.max(1));
    let pool = pool
        .build()
        .map_err(|error| Stopped::NoThreads(error.to_string()))?;
    let draws_total = blocks.iter().map(|block| block.draws.len() as u64).sum();
    let (done, failed) = (AtomicU64::new(0), AtomicU64::new(0));
    let begin = || Worker::new(0, options.interrupted);
    let one = |worker: &mut Worker<'_>, block: &Block| {
        let draws = block.simulate(archive.study(), worker)?;
        let tallies = archive.keep(block, &draws)?;
        let failing = tallies.iter().filter(|tally| tally.is_failed).count() as u64;
        let draws_failed = failed.fetch_add(failing, Ordering::Relaxed) + failing;
        let ended = tallies.len() as u64;
        let draws_done = done.fetch_add(ended, Ordering::Relaxed) + ended;
        (options.on_progress)(Progress {
            study: 0,
            case: block.case,
            draws_done,
            draws_total,
            share_failed: draws_failed as f64 / draws_done as f64,
        });
        Ok(())
    };
    let all = || -> Vec<Result<(), Stopped>> {
        let blocks = blocks.par_iter().with_max_len(1);
        blocks.map_init(begin, one).collect()
    };
    // A panic leaves nothing behind: the workers are dropped with what they hold.
    let ends = panic::catch_unwind(AssertUnwindSafe(|| pool.install(all)));
    ends.unwrap_or_else(|_| vec![Err(Stopped::Bug)])
        .into_iter()
        .collect()
}
