//! The shards of `loki.write` through an outage: what they hold, what they give up, and when they
//! find the endpoint back.

use crate::engine::RandomStream;
use crate::model::blueprint::LokiWrite;

/// Batches of a shard besides its queue: one that fills, and one on its way.
///
/// Source: grafana/alloy, `internal/component/common/loki/client/shards.go`, `runShard`, v1.18.1.
const BATCHES_BESIDES: f64 = 2.0;

/// What the shards of a collector made of an outage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Toll {
    /// Bytes of the batches that they gave up.
    pub given_up: f64,
    /// Most bytes that they hold.
    pub held: f64,
    /// Seconds from the end of the outage until the last of them sends again.
    pub resumes_in: f64,
    /// Seconds from the start of the outage to the first batch given up, if any.
    pub first: Option<f64>,
}

impl LokiWrite {
    /// What the shards of a collector make of an outage, with lines of `rate` bytes per second.
    /// `luck` gives each shard its random numbers.
    ///
    /// Simplified: lines come evenly, and spread evenly over the shards.
    pub fn toll(
        &self,
        (outage, attempt_seconds): (f64, f64),
        rate: f64,
        mut luck: impl FnMut(u32) -> RandomStream,
    ) -> Toll {
        let mut toll = Toll::default();
        let each = rate / f64::from(self.shards);
        for shard in 0..self.shards {
            let retries = &self.retries;
            let wait = self.batch_wait.secs_f64();
            let course = retries.course((outage, attempt_seconds), wait, &mut luck(shard));
            toll.given_up += self.lost(&course.given_up, each);
            toll.held += self.holds(!course.given_up.is_empty());
            toll.resumes_in = toll.resumes_in.max(course.resumes_in);
            let first = course.given_up.first().copied();
            toll.first = [toll.first, first].into_iter().flatten().reduce(f64::min);
        }
        toll
    }

    /// Bytes of the batches that a shard gave up at these seconds of an outage. The first has what
    /// came in one `batch_wait`. Each further one has all that waits, up to a full batch.
    fn lost(&self, given_up: &[f64], rate: f64) -> f64 {
        let mut taken = (rate * self.batch_wait.secs_f64()).min(self.batch_bytes);
        let (mut batch, mut lost) = (taken, 0.0);
        for &at in given_up {
            lost += batch;
            batch = (rate * at - taken).clamp(0.0, self.batch_bytes);
            taken += batch;
        }
        lost
    }

    /// Most bytes that a shard holds in an outage. A shard that has given up a batch takes all of
    /// its queue out, which fills again.
    ///
    /// Source: grafana/alloy, `internal/component/common/loki/client/shards.go`, `drain`, v1.18.1.
    fn holds(&self, gave_up: bool) -> f64 {
        let queues = if gave_up { 2.0 } else { 1.0 };
        queues * self.queue_bytes + BATCHES_BESIDES * self.batch_bytes
    }

    /// Most bytes that the shards of a collector hold before they give up a batch.
    pub fn holds_at_first(&self) -> f64 {
        self.holds(false) * f64::from(self.shards)
    }

    /// Mean seconds from the first attempt to send a batch until a shard gives it up.
    pub fn gives_up_after(&self) -> f64 {
        self.batch(0.0, 1.0).0
    }

    /// Most seconds for which a shard sleeps between two attempts.
    pub fn longest_sleep(&self) -> f64 {
        self.retries.longest_sleep()
    }

    /// Bytes per second that the shards of a collector send, with requests of `latency` seconds.
    pub fn rate(&self, latency: f64) -> f64 {
        f64::from(self.shards) * self.batch_bytes / latency.max(1e-3)
    }

    /// Mean seconds until a batch is accepted or given up, and the share of batches given up.
    pub fn batch(&self, latency: f64, errors: f64) -> (f64, f64) {
        self.retries.until_done(latency, errors)
    }
}

/// How the shards of a collector get on against a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limited {
    /// Bytes per second that they take from their queues.
    pub moved: f64,
    /// Share of them that they give up.
    pub given_up: f64,
}

impl LokiWrite {
    /// The shards of a collector of whose lines an endpoint takes `accepted` bytes per second. It takes
    /// `capacity` of all collectors, and answers 429 to the other attempts.
    ///
    /// - Where few batches fit at a time, attempts fail at random.
    /// - Where several do, a few shards take all of the capacity, batch after batch. All others fail
    ///   with every attempt. Who is who changes.
    ///
    /// Source: grafana/alloy, `internal/component/common/loki/client/shards.go`, `sendBatch`,
    /// v1.18.1: a batch that is given up is lost whole. The two cases are INFERRED from a simulation
    /// of every request.
    pub fn under_limit(&self, latency: f64, (accepted, capacity): (f64, f64)) -> Limited {
        /// Batches on their way at once from which on a few shards take everything.
        const TAKEN_BY_FEW: f64 = 2.0;
        let each = accepted / f64::from(self.shards) / self.batch_bytes;
        let (seconds, given_up) = if capacity * latency / self.batch_bytes < TAKEN_BY_FEW {
            self.at_random(latency, each)
        } else {
            let in_vain = 1.0 / self.batch(latency, 1.0).0;
            (1.0 / (each + in_vain), in_vain / (each + in_vain))
        };
        Limited {
            moved: self.rate(seconds),
            given_up,
        }
    }

    /// Seconds until a batch is accepted or given up where attempts fail at random, and the share given
    /// up. A shard gets `each` batches per second accepted.
    fn at_random(&self, latency: f64, each: f64) -> (f64, f64) {
        let batches = |errors: f64| {
            let (seconds, given_up) = self.batch(latency, errors);
            (1.0 / seconds.max(1e-9), given_up)
        };
        // Ever fewer batches are accepted as more attempts fail.
        let (mut least, mut most) = (0.0, 1.0);
        for _ in 0..BISECTIONS {
            let errors = f64::midpoint(least, most);
            let (rate, given_up) = batches(errors);
            if rate * (1.0 - given_up) > each {
                least = errors;
            } else {
                most = errors;
            }
        }
        let (rate, given_up) = batches(least);
        (1.0 / rate, given_up)
    }

    /// The shards of a collector of whose lines the share `part` is in a stream over its limit, which
    /// takes `limit` bytes per second. A full batch waits until its part of that stream fits. Its shard
    /// holds up the reader, and so all other shards.
    ///
    /// INFERRED: a stream has one sender, so its limit recovers while a shard waits. Waits count with
    /// their means.
    pub fn under_stream_limit(&self, latency: f64, (part, limit): (f64, f64)) -> Limited {
        // One shard has the stream, and its share of all others.
        let in_batch = part / (part + (1.0 - part) / f64::from(self.shards));
        let needed = in_batch * self.batch_bytes / limit;
        let mut seconds = latency;
        for attempt in 0..self.retries.attempts.saturating_sub(1) {
            if seconds >= needed {
                break;
            }
            seconds += self.retries.wait(attempt, 0.5) + latency;
        }
        Limited {
            moved: self.batch_bytes * in_batch / part / seconds,
            given_up: if seconds < needed { 1.0 } else { 0.0 },
        }
    }
}

/// Steps of a bisection, each of which halves the interval.
const BISECTIONS: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::RandomStreams;
    use crate::model::blueprint::Backoff;
    use crate::model::pipeline::backoff::TIMEOUT_SECONDS;
    use crate::units::SimDuration;

    const MIB: f64 = 1_048_576.0;

    const RETRIES: Backoff = Backoff {
        attempts: 10,
        first_seconds: 0.5,
        longest_seconds: 300.0,
    };

    fn write() -> LokiWrite {
        LokiWrite {
            batch_bytes: MIB,
            batch_wait: SimDuration::from_secs(1),
            shards: 1,
            queue_bytes: 10.0 * MIB,
            overflow: crate::model::blueprint::Overflow::Block,
            retries: RETRIES,
            live_per_byte: 2.0,
            drain_timeout: SimDuration::from_secs(15),
            wal: None,
        }
    }

    fn luck(number: u32) -> RandomStream {
        RandomStreams::new(7, 0).stream(1, 2, number)
    }

    /// Source: arithmetic of nine waits, uniform from 0.5 · 2^i to 2^i seconds: from 255.5 to 511 s,
    /// 383.25 s in the mean.
    #[test]
    fn a_batch_is_given_up_after_its_tenth_attempt() {
        const RUNS: u32 = 2_000;
        let firsts: Vec<f64> = (0..RUNS)
            .map(|run| RETRIES.course((600.0, 0.0), 1.0, &mut luck(run)).given_up[0])
            .collect();
        let within = firsts.iter().all(|first| (255.5..511.0).contains(first));
        assert!(within, "a batch is given up after 256 to 511 s");
        let mean = firsts.iter().sum::<f64>() / f64::from(RUNS);
        // Variance of the sum: a twelfth of the squared widths. Five standard errors.
        let widths = (0..9).map(|wait| (0.5 * 2.0_f64.powi(wait)).powi(2) / 12.0);
        let error = 5.0 * (widths.sum::<f64>() / f64::from(RUNS)).sqrt();
        assert!((mean - 383.25).abs() < error, "{mean}");
        assert!((write().gives_up_after() - 383.25).abs() < 1e-9);
        assert!((write().longest_sleep() - 256.0).abs() < 1e-9);
    }

    /// A time-out of ten seconds adds a hundred to ten attempts.
    #[test]
    fn attempts_without_an_answer_take_longer() {
        for run in 0..200 {
            let quick = RETRIES.course((1e4, 0.0), 1.0, &mut luck(run)).given_up[0];
            let slow = RETRIES
                .course((1e4, TIMEOUT_SECONDS), 1.0, &mut luck(run))
                .given_up[0];
            assert!((slow - quick - 100.0).abs() < 1e-6);
        }
    }

    /// Two kilobytes a second make a first batch of 2 kB. By the time a shard gives it up, more than
    /// a batch is waiting only above 2.7 kB/s.
    #[test]
    fn a_shard_gives_up_no_more_than_what_came() {
        let write = write();
        let given_up = [400.0, 800.0, 1_200.0];
        for rate in [10.0, 2_000.0, 1e6] {
            let lost = write.lost(&given_up, rate);
            let first = (rate * 1.0).min(MIB);
            let second = (rate * 400.0 - first).min(MIB);
            let third = (rate * 800.0 - first - second).min(MIB);
            assert!((lost - first - second - third).abs() < 1e-6, "{rate}");
        }
    }

    #[test]
    fn a_short_outage_costs_a_wait_and_nothing_else() {
        for run in 0..200 {
            let course = RETRIES.course((200.0, 0.0), 1.0, &mut luck(run));
            assert!(course.given_up.is_empty());
            assert!((0.0..256.0).contains(&course.resumes_in));
        }
        let toll = write().toll((200.0, 0.0), 1e5, luck);
        assert!((toll.held - 12.0 * MIB).abs() < 1e-6 && toll.given_up <= 0.0);
    }

    /// The mean of the waits before a success is the sum over attempts of the chance to get there.
    #[test]
    fn errors_cost_waits() {
        let (seconds, given_up) = write().batch(0.1, 0.0);
        assert!((seconds - 0.1).abs() < 1e-12 && given_up <= 0.0);
        let (seconds, given_up) = write().batch(0.1, 0.5);
        let waits: f64 = (0..9)
            .map(|i| 0.75 * 2.0_f64.powi(i) * 0.5_f64.powi(i + 1))
            .sum();
        let tries: f64 = (0..10).map(|i| 0.1 * 0.5_f64.powi(i)).sum();
        assert!((seconds - waits - tries).abs() < 1e-9);
        assert!((given_up - 0.5_f64.powi(10)).abs() < 1e-12);
    }

    /// Shards with a backlog, one batch each, before an endpoint whose bucket fills evenly.
    struct Contest {
        shards: u32,
        /// Batches per second that the endpoint takes.
        taken: f64,
        seconds: f64,
    }

    impl Contest {
        /// Batches accepted and given up in the second half of the time, request by request.
        fn run(&self) -> (f64, f64) {
            const LATENCY: f64 = 0.1;
            const BUCKET: f64 = 4.0;
            let mut lucks: Vec<RandomStream> = (0..self.shards).map(luck).collect();
            let mut due: Vec<(f64, u32)> = lucks.iter_mut().map(|luck| (luck.unit(), 0)).collect();
            let (mut bucket, mut filled_at) = (0.0, 0.0);
            let (mut accepted, mut given_up) = (0.0, 0.0);
            loop {
                let order = |a: &usize, b: &usize| due[*a].0.total_cmp(&due[*b].0);
                let next = (0..due.len()).min_by(order).unwrap_or(0);
                let (at, attempt) = due[next];
                if at > self.seconds {
                    return (accepted, given_up);
                }
                let counts = f64::from(u8::from(at > self.seconds / 2.0));
                bucket = BUCKET.min(bucket + (at - filled_at) * self.taken);
                filled_at = at;
                let later = at + LATENCY;
                due[next] = if bucket >= 1.0 {
                    bucket -= 1.0;
                    accepted += counts;
                    (later, 0)
                } else if attempt + 1 == RETRIES.attempts {
                    given_up += counts;
                    (later, 0)
                } else {
                    (
                        later + RETRIES.wait(attempt, lucks[next].unit()),
                        attempt + 1,
                    )
                };
            }
        }
    }

    /// A simulation request by request against the closed form, in both of its cases. Failures of one
    /// batch are not independent, and few shards are no crowd: 15 % of the share given up.
    #[test]
    fn shards_before_a_limit_give_batches_up() {
        for (shards, each, seconds) in [
            (100, 2.0, 8_000.0),
            (100, 5.0, 16_000.0),
            (400, 5.0, 8_000.0),
            (100, 20.0, 40_000.0),
            (100, 60.0, 40_000.0),
            (100, 200.0, 40_000.0),
        ] {
            let contest = Contest {
                shards,
                taken: f64::from(shards) / each,
                seconds,
            };
            let (accepted, given_up) = contest.run();
            let expected = contest.taken * contest.seconds / 2.0;
            let name = format!("{shards} shards, {each} s each");
            assert!(
                (accepted / expected - 1.0).abs() < 0.02,
                "{name}: {accepted} of {expected}"
            );
            let share = given_up / (accepted + given_up);
            let capacity = contest.taken * MIB;
            let found = write().under_limit(0.1, (MIB / each, capacity));
            let error = 0.15 * share + 4.0 * given_up.sqrt() / (accepted + given_up);
            assert!(
                (found.given_up - share).abs() < error,
                "{name}: {share}, {found:?}"
            );
            let moved = MIB / each / (1.0 - found.given_up);
            assert!(
                (found.moved / moved - 1.0).abs() < 1e-6,
                "what is accepted is accepted"
            );
        }
    }

    /// Half of a batch is over a limit of 100 kB/s: it waits for 5.2 s of it, so for three waits.
    #[test]
    fn a_batch_waits_until_its_streams_fit() {
        let found = write().under_stream_limit(0.1, (0.5, 1e5));
        // Attempts at 0, 0.85, 2.45 and 5.55 s, each of 0.1 s.
        assert!((found.moved / (MIB / 5.65) - 1.0).abs() < 1e-9, "{found:?}");
        assert!(found.given_up <= 0.0);
        let never = write().under_stream_limit(0.1, (0.5, 1e3));
        assert!(never.given_up >= 1.0);
    }
}
