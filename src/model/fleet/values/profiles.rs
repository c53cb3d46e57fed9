//! The fates of the profiles of a fleet.

use crate::model::record::catalogue::FleetMetric as Metric;

use super::super::Fleet;

impl Fleet<'_> {
    /// A metric about profiles; NaN for a fleet without profiles.
    pub(super) fn about_profiles(&self, metric: Metric) -> f64 {
        let profiles = &self.pipelines.profiles;
        match metric {
            Metric::ProfilesOffered => profiles.taken(|intake| intake.offered),
            Metric::ProfilesMissedDown => profiles.taken(|intake| intake.missed_down),
            Metric::ProfilesMissedCpu => profiles.taken(|intake| intake.missed_cpu),
            Metric::ProfilesSkipped => profiles.taken(|intake| intake.skipped),
            Metric::ProfilesSkippedFirst => profiles.taken(|intake| intake.skipped_first),
            Metric::ProfilesSent => profiles.delivered(|delivery| delivery.sent),
            Metric::ProfilesSendFailed => profiles.delivered(|delivery| delivery.send_failed),
            Metric::ProfilesRejected => profiles.delivered(|delivery| delivery.rejected),
            Metric::ProfilesLostRestart => profiles.delivered(|delivery| delivery.lost_restart),
            Metric::ProfilesPending => profiles.pending(),
            Metric::ProfilesLossRatio => profiles.loss_ratio(),
            Metric::ProfilesGapPeak => profiles.gap_peak(),
            _ => unreachable!("{metric:?} is not about profiles"),
        }
    }
}
