//! Endpoints of logs that take less than is written.

use alloy_sim::model::record::catalogue::{Failure, Metric};

use super::tailed;

/// What an endpoint takes of a fleet that writes more is its capacity. The rest is given up, or is gone
/// with rotated files.
#[test]
fn an_endpoint_takes_no_more_than_its_capacity() {
    let scene = tailed(
        r#"
        workload.hosts.logs_per_pod = "100kB/s"
        workload.hosts.log_rotated_at = "2MB"
        endpoint.backend.capacity = "6MB/s"
        "#,
    );
    let value = |metric| scene.value("fleet.all", metric);
    let seconds = 6.0 * 3_600.0;
    let sent = value(Metric::LogsSent) / seconds;
    assert!((sent / 6e6 - 1.0).abs() < 0.01, "{sent} bytes per second");
    let [limited, rotated] = [Metric::LogsLostLimited, Metric::LogsLostRotation].map(value);
    assert!(
        limited > 0.0 && rotated > 0.0,
        "{limited} given up, {rotated} rotated"
    );
    let lost = value(Metric::LogsWritten) - value(Metric::LogsSent) - value(Metric::LogsPending);
    assert!(((limited + rotated) / lost - 1.0).abs() < 1e-6);
    assert!(scene.fails("fleet.all", Failure::LogsLost));
    let ample = tailed(
        r#"
        workload.hosts.logs_per_pod = "100kB/s"
        endpoint.backend.capacity = "11MB/s"
        "#,
    );
    assert!(ample.value("fleet.all", Metric::LogsLost) == 0.0);
}

/// A burst of all pods for an hour, beyond the capacity of the endpoint, and without a limit.
#[test]
fn a_burst_is_written_and_worked_off() {
    let burst = r#"
        workload.hosts.logs_per_pod = "20kB/s"
        workload.hosts.log_files_per_pod = 10
        workload.hosts.log_bursts = [{ at = "2h", for = "30m", factor = 3 }]
    "#;
    let free = tailed(burst);
    let value = |metric| free.value("fleet.all", metric);
    let written = 100.0 * 20e3 * (6.0 * 3_600.0 + 2.0 * 1_800.0);
    assert!((value(Metric::LogsWritten) / written - 1.0).abs() < 1e-6);
    assert!((value(Metric::LogsSent) / written - 1.0).abs() < 1e-6);
    assert!(value(Metric::LogsLag) < 1e-6);
    // Half of the burst waits, and leaves at twice the usual rate afterwards.
    let bounded = tailed(&[burst, "endpoint.backend.capacity = \"4MB/s\""].concat());
    let value = |metric| bounded.value("fleet.all", metric);
    let lag = value(Metric::LogsLag);
    assert!((300.0..1_800.0).contains(&lag), "{lag} s");
    assert!(value(Metric::LogsPending) < 1.0);
}

/// One noisy pod of a thousand over the limit of a stream holds up its own node, and no other.
#[test]
fn a_noisy_pod_takes_its_node_along() {
    let noisy = |limit: &str| {
        tailed(&format!(
            r#"
            workload.hosts.logs_per_pod = "20kB/s"
            workload.hosts.log_files_per_pod = 10
            workload.hosts.log_rotated_at = "10MB"
            workload.hosts.log_bursts = [{{ at = "2h", for = "1h", factor = 250, pods = 1 }}]
            {limit}
            "#
        ))
    };
    let free = noisy("");
    let written = free.value("fleet.all", Metric::LogsWritten);
    assert!(free.value("fleet.all", Metric::LogsSent) > 0.99 * written);
    let limited = noisy("endpoint.backend.stream_limit = \"300kB/s\"");
    let value = |metric| limited.value("fleet.all", metric);
    // The noisy pod writes 18 GB in its hour. Its node sends a batch every few seconds at most.
    let lost = value(Metric::LogsLostRotation);
    let burst = 3_600.0 * 5e6;
    assert!((0.5..1.0).contains(&(lost / burst)), "{lost} of {burst}");
    let others = 99.0 * 20e3 * 6.0 * 3_600.0;
    assert!(value(Metric::LogsSent) > others);
    assert!(value(Metric::LogsLag) > 10.0);
}
