//! What the deployment guide says about profiles, where a case triggers it, and what its code hides.

use super::{Shown, whole};
use crate::experiment::results::Tone;
use crate::model::blueprint::ProfileSource;
use crate::model::record::catalogue::Metric;
use crate::model::topology::Population;
use crate::units::MIB;

const PULL: &str = "Profiles: pull is scaled by clustering or hashmod";
const LOOP: &str = "not of the guide: the code of pyroscope.scrape and pyroscope.write";

/// Seconds without profiles from which on a gap counts.
const GAP_SECONDS: f64 = 60.0;

impl Shown<'_> {
    /// Statements about a fleet that takes profiles.
    pub(super) fn of_profiles(&mut self) {
        if self.fleet.profiles_of.is_empty() {
            return;
        }
        self.of_gaps();
        let replicas = match self.fleet.topology.population {
            Population::Replicas(replicas) => replicas,
            Population::PerNode | Population::PerPod => 1,
        };
        let pulls = self.fleet.pyroscope.source == ProfileSource::Scrape;
        let text = "pull scales out by clustering or hashmod, push by a load balancer";
        self.when(pulls && replicas > 1, (Tone::For, PULL), text);
        let keeps = self.fleet.pyroscope.keeps_any(&self.fleet.profiles_of);
        if keeps && replicas > 1 {
            self.of_moves(replicas);
        }
    }

    /// Gaps that no metric shows, and what is given up.
    fn of_gaps(&mut self) {
        let gap = self.median(Metric::ProfilesGapPeak);
        let skipped = self.median(Metric::ProfilesSkipped);
        let text = format!(
            "no metric of a collector shows the gap of {:.1} minutes: there is no queue, each loop waits \
             with one profile, and {} others were never asked for; sums catch up, profiles of CPU and \
             goroutines do not; watch the rate of profiles at the endpoint",
            gap / 60.0,
            whole(skipped)
        );
        let is_gap = gap > GAP_SECONDS && skipped > 0.0;
        self.when(is_gap, (Tone::Against, LOOP), text);

        let failed = self.median(Metric::ProfilesSendFailed);
        let text = format!(
            "{} profiles are given up in the median: after {} attempts, or because a client that pushes \
             does not wait for them",
            whole(failed),
            self.fleet.pyroscope.retries.attempts
        );
        self.when(failed > 0.0, (Tone::Limit, LOOP), text);
    }

    /// What a replica that goes leaves to the others.
    fn of_moves(&mut self, replicas: u32) {
        let mib = |bytes: f64| format!("{:.0} MiB", bytes / MIB);
        let peak = self.memory(Metric::MemoryPeak, mib);
        let peak = peak.map_or_else(String::new, |[median, _]| {
            format!("; the busiest takes {median} at its peak, in the median")
        });
        let each = self.fleet.profile_costs.per_target.centre.median() / MIB;
        let text = format!(
            "size the limit for one replica less: a target takes {each:.0} MiB wherever it is, so {} of \
             {replicas} replicas carry all of it when one goes, and skip its first profiles{peak}",
            replicas - 1
        );
        let cascade = self.median(Metric::CascadePeak) > 1.0;
        self.when(!cascade, (Tone::Limit, LOOP), text);

        let text = format!(
            "a kill leads to the next: {:.0} replicas run out of memory within ten minutes, because the \
             targets of one that goes take {each:.0} MiB each on the others",
            self.median(Metric::CascadePeak)
        );
        self.when(cascade, (Tone::Against, LOOP), text);
    }
}
