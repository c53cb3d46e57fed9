//! The fate of every span, in exact integers of work. Every counter is fed where its cause happens.

/// Spans of one fleet up to its queues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct SpanIntake {
    /// Emitted by the workloads: counted from the fleet's total, independently of collectors.
    pub offered: u128,
    /// Nobody was there to take them.
    pub missed_down: u128,
    /// Lost in the queues of routers, or sent to a pod that was gone.
    pub lost_rerouting: u128,
    /// In the queues of routers when the measured horizon began.
    pub waited: u128,
    /// The collector had too little CPU.
    pub refused_cpu: u128,
    /// The heap of the process was above the memory limiter.
    pub refused_processor: u128,
    /// Taken in.
    pub accepted: u128,
    /// Undecided when the measured horizon began.
    pub standing: u128,
    /// Evicted before their decision.
    pub dropped_early: u128,
    /// Decided and not kept.
    pub not_sampled: u128,
    /// Kept, and due to every endpoint.
    pub kept: u128,
    /// Undecided when their process ended.
    pub lost_undecided: u128,
    /// Of all that was refused or missed here and in the queues, what went back to a fleet that sends
    /// it again.
    pub returned: u128,
}

/// Fates of the spans of one fleet on the route to one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::model) struct SpanDelivery {
    /// In the queues when the measured horizon began.
    pub standing: u128,
    /// Sent to the endpoint, and not rejected.
    pub sent: u128,
    /// Of what was sent, what the fleet behind the endpoint refused. It waits again.
    pub returned: u128,
    /// Rejected by the endpoint for good.
    pub rejected: u128,
    /// Refused to the client: the queue was full.
    pub refused_receiver: u128,
    /// Refused: held spans had filled the heap up to the memory limiter.
    pub refused_processor: u128,
    /// Lost behind a processor that hides a full queue.
    pub enqueue_failed: u128,
    /// Given up after too many attempts.
    pub send_failed: u128,
    /// Lost with the process.
    pub lost_restart: u128,
}

impl SpanIntake {
    /// Everything that was lost before the queues.
    pub(in crate::model) fn lost(&self) -> u128 {
        self.missed_down
            + self.lost_rerouting
            + self.refused_cpu
            + self.refused_processor
            + self.dropped_early
            + self.lost_undecided
    }

    /// Panics if a span is unaccounted for, with what is `waiting` in routers and what is `undecided`.
    pub(super) fn assert_balanced(&self, fleet: &str, waiting: u128, undecided: u128) {
        let lost = self.missed_down + self.lost_rerouting;
        let taken = self.refused_cpu + self.refused_processor + self.accepted;
        assert_eq!(
            self.offered + self.waited,
            lost + taken + waiting,
            "spans offered to {fleet} are not conserved"
        );
        let decided =
            self.dropped_early + self.not_sampled + self.kept + self.lost_undecided + undecided;
        let accepted = self.accepted + self.standing;
        assert_eq!(
            accepted, decided,
            "spans that {fleet} took in are not conserved"
        );
    }
}

impl SpanDelivery {
    /// Everything that was lost on the route.
    pub(in crate::model) fn lost(&self) -> u128 {
        self.rejected
            + self.refused_receiver
            + self.refused_processor
            + self.enqueue_failed
            + self.send_failed
            + self.lost_restart
    }

    /// Panics if a span that was kept is unaccounted for, with what is still held.
    pub(super) fn assert_balanced(&self, fleet: &str, (kept, held): (u128, u128)) {
        let due = kept + self.standing + self.returned;
        let fate = self.sent + self.lost() + held;
        assert_eq!(due, fate, "spans that {fleet} kept are not conserved");
    }
}
