//! The fate of every profile, in exact integers of work. Every counter is fed where its cause happens.

/// Profiles of one fleet up to its endpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct ProfileIntake {
    /// Due by their interval, or pushed: counted from the fleet's total, independently of collectors.
    pub offered: u128,
    /// In hand when the measured horizon began.
    pub standing: u128,
    /// Nobody was there to take them.
    pub missed_down: u128,
    /// The collector had too little CPU.
    pub missed_cpu: u128,
    /// Nothing to take a difference to: the first of a target in its process.
    pub skipped_first: u128,
    /// Never asked for, since the loop still had another one in hand.
    pub skipped: u128,
    /// Taken, and due to every endpoint.
    pub taken: u128,
}

/// Fates of the profiles of one fleet on the route to one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct ProfileDelivery {
    /// Accepted by the endpoint.
    pub sent: u128,
    /// Rejected by the endpoint for good.
    pub rejected: u128,
    /// Given up after the last attempt.
    pub send_failed: u128,
    /// Lost with the process that had them in hand.
    pub lost_restart: u128,
}

impl ProfileIntake {
    /// Panics if a profile is unaccounted for, with what collectors have in hand.
    pub(super) fn assert_balanced(&self, fleet: &str, in_hand: u128) {
        let due = self.offered + self.standing;
        let missed = self.missed_down + self.missed_cpu;
        let fate = missed + self.skipped_first + self.skipped + self.taken + in_hand;
        assert_eq!(due, fate, "profiles offered to {fleet} are not conserved");
    }
}

impl ProfileDelivery {
    /// Everything that was lost on the route.
    pub(in crate::model) fn lost(&self) -> u128 {
        self.rejected + self.send_failed + self.lost_restart
    }

    /// Panics if a profile that was taken is unaccounted for.
    pub(super) fn assert_balanced(&self, fleet: &str, taken: u128) {
        let fate = self.sent + self.lost();
        assert_eq!(taken, fate, "profiles that {fleet} took are not conserved");
    }
}
