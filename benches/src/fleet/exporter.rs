//! The metrics of a node exporter, with the labels that tell their series apart.

use super::Course;

/// Labels of a series beside those of its machine.
pub(crate) type Shape = Vec<(&'static str, String)>;

/// A metric, and by what its series differ.
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) course: Course,
    by: By,
}

/// By what the series of a metric differ.
#[derive(Clone, Copy)]
enum By {
    Machine,
    CpuAndMode,
    Cpu,
    Disk,
    Filesystem,
    Network,
    Unit,
    Collector,
    Bucket,
}

const MODES: [&str; 8] = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];
const CPUS: usize = 16;
const DISKS: [&str; 4] = ["nvme0n1", "nvme1n1", "sda", "dm-0"];
const NETWORKS: [&str; 5] = ["lo", "eth0", "eth1", "docker0", "bond0"];
const FILESYSTEMS: [(&str, &str, &str); 6] = [
    ("/dev/mapper/vg0-root", "ext4", "/"),
    ("/dev/nvme0n1p1", "vfat", "/boot/efi"),
    ("/dev/nvme0n1p2", "ext4", "/boot"),
    ("/dev/mapper/vg0-var", "xfs", "/var/lib"),
    ("tmpfs", "tmpfs", "/run"),
    ("tmpfs", "tmpfs", "/run/user/1000"),
];
const UNITS: [&str; 12] = [
    "cron.service",
    "dbus.service",
    "docker.service",
    "getty@tty1.service",
    "kubelet.service",
    "networking.service",
    "node_exporter.service",
    "ssh.service",
    "systemd-journald.service",
    "systemd-logind.service",
    "systemd-udevd.service",
    "user@1000.service",
];
const STATES: [&str; 5] = ["activating", "active", "deactivating", "failed", "inactive"];
const COLLECTORS: [&str; 30] = [
    "arp",
    "bcache",
    "bonding",
    "btrfs",
    "conntrack",
    "cpu",
    "cpufreq",
    "diskstats",
    "dmi",
    "edac",
    "entropy",
    "fibrechannel",
    "filefd",
    "filesystem",
    "hwmon",
    "infiniband",
    "ipvs",
    "loadavg",
    "mdadm",
    "meminfo",
    "netclass",
    "netdev",
    "netstat",
    "nfs",
    "pressure",
    "sockstat",
    "stat",
    "systemd",
    "thermal_zone",
    "vmstat",
];
const BOUNDS: [&str; 12] =
    ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"];

macro_rules! metrics {
    ($($by:ident $course:expr => $($name:literal)*;)*) => {
        /// All metrics.
        pub(crate) const METRICS: &[Metric] = &[$($(Metric { name: $name, course: $course, by: By::$by },)*)*];
    };
}

metrics! {
    CpuAndMode Course::Seconds(1500) => "node_cpu_seconds_total";
    Cpu Course::Walk(20_000) => "node_cpu_scaling_frequency_hertz";
    Cpu Course::Constant(3.6e9) => "node_cpu_scaling_frequency_max_hertz" "node_cpu_frequency_max_hertz";
    Cpu Course::Counter(40) => "node_schedstat_timeslices_total" "node_softnet_processed_total";
    Cpu Course::Seconds(900) => "node_schedstat_running_seconds_total" "node_schedstat_waiting_seconds_total";
    Cpu Course::Constant(0.0) => "node_softnet_dropped_total" "node_softnet_times_squeezed_total";
    Disk Course::Counter(900) => "node_disk_reads_completed_total" "node_disk_writes_completed_total"
        "node_disk_reads_merged_total" "node_disk_writes_merged_total" "node_disk_flush_requests_total"
        "node_disk_discards_completed_total";
    Disk Course::Counter(9_000_000) => "node_disk_read_bytes_total" "node_disk_written_bytes_total"
        "node_disk_discarded_sectors_total";
    Disk Course::Seconds(300) => "node_disk_io_time_seconds_total" "node_disk_read_time_seconds_total"
        "node_disk_write_time_seconds_total" "node_disk_io_time_weighted_seconds_total";
    Disk Course::Walk(2) => "node_disk_io_now";
    Filesystem Course::Walk(4_000_000) => "node_filesystem_avail_bytes" "node_filesystem_free_bytes";
    Filesystem Course::Walk(40) => "node_filesystem_files_free";
    Filesystem Course::Constant(64_000_000_000.0) => "node_filesystem_size_bytes" "node_filesystem_files";
    Filesystem Course::Constant(0.0) => "node_filesystem_readonly" "node_filesystem_device_error";
    Network Course::Counter(4_000_000) => "node_network_receive_bytes_total" "node_network_transmit_bytes_total";
    Network Course::Counter(9_000) => "node_network_receive_packets_total" "node_network_transmit_packets_total"
        "node_network_receive_multicast_total";
    Network Course::Counter(1) => "node_network_receive_drop_total" "node_network_transmit_drop_total"
        "node_network_carrier_changes_total" "node_network_receive_errs_total" "node_network_transmit_errs_total";
    Network Course::Constant(0.0) => "node_network_receive_compressed_total" "node_network_receive_fifo_total"
        "node_network_receive_frame_total" "node_network_transmit_carrier_total" "node_network_transmit_colls_total"
        "node_network_transmit_compressed_total" "node_network_transmit_fifo_total" "node_network_up"
        "node_network_iface_id" "node_network_iface_link" "node_network_dormant" "node_network_flags"
        "node_network_device_id" "node_network_net_dev_group" "node_network_protocol_type";
    Network Course::Constant(1500.0) => "node_network_mtu_bytes" "node_network_speed_bytes"
        "node_network_transmit_queue_length";
    Unit Course::Constant(1.0) => "node_systemd_unit_state";
    Collector Course::Load => "node_scrape_collector_duration_seconds";
    Collector Course::Constant(1.0) => "node_scrape_collector_success";
    Bucket Course::Counter(4) => "promhttp_metric_handler_request_duration_seconds_bucket";
    Machine Course::Load => "node_load1" "node_load5" "node_load15";
    Machine Course::Walk(4_000_000) => "node_memory_MemAvailable_bytes" "node_memory_MemFree_bytes"
        "node_memory_Buffers_bytes" "node_memory_Cached_bytes" "node_memory_Active_bytes"
        "node_memory_Inactive_bytes" "node_memory_Active_anon_bytes" "node_memory_Active_file_bytes"
        "node_memory_Inactive_anon_bytes" "node_memory_Inactive_file_bytes" "node_memory_AnonPages_bytes"
        "node_memory_Mapped_bytes" "node_memory_Shmem_bytes" "node_memory_Slab_bytes"
        "node_memory_SReclaimable_bytes" "node_memory_SUnreclaim_bytes" "node_memory_KernelStack_bytes"
        "node_memory_PageTables_bytes" "node_memory_Committed_AS_bytes" "node_memory_Dirty_bytes"
        "node_memory_Writeback_bytes" "node_memory_Percpu_bytes" "node_memory_KReclaimable_bytes";
    Machine Course::Constant(33_000_000_000.0) => "node_memory_MemTotal_bytes" "node_memory_SwapTotal_bytes"
        "node_memory_SwapFree_bytes" "node_memory_CommitLimit_bytes" "node_memory_VmallocTotal_bytes"
        "node_memory_HugePages_Total" "node_memory_HugePages_Free" "node_memory_Hugepagesize_bytes"
        "node_memory_DirectMap4k_bytes" "node_memory_DirectMap2M_bytes" "node_memory_HardwareCorrupted_bytes";
    Machine Course::Counter(90_000) => "node_context_switches_total" "node_intr_total"
        "node_netstat_Ip_Forwarding" "node_netstat_IpExt_InOctets" "node_netstat_IpExt_OutOctets"
        "node_vmstat_pgfault" "node_vmstat_pgpgin" "node_vmstat_pgpgout";
    Machine Course::Counter(300) => "node_forks_total" "node_netstat_Tcp_ActiveOpens" "node_netstat_Tcp_InSegs"
        "node_netstat_Tcp_OutSegs" "node_netstat_Tcp_PassiveOpens" "node_netstat_Tcp_RetransSegs"
        "node_netstat_Udp_InDatagrams" "node_netstat_Udp_OutDatagrams" "node_netstat_Udp_NoPorts"
        "node_netstat_Icmp_InMsgs" "node_netstat_Icmp_OutMsgs" "node_netstat_TcpExt_SyncookiesSent"
        "node_netstat_TcpExt_ListenDrops" "node_netstat_TcpExt_TCPSynRetrans" "node_vmstat_pgmajfault"
        "node_vmstat_oom_kill" "node_vmstat_pswpin" "node_vmstat_pswpout";
    Machine Course::Walk(20) => "node_sockstat_TCP_alloc" "node_sockstat_TCP_inuse" "node_sockstat_TCP_mem"
        "node_sockstat_TCP_tw" "node_sockstat_UDP_inuse" "node_sockstat_sockets_used" "node_procs_running"
        "node_procs_blocked" "node_netstat_Tcp_CurrEstab" "node_nf_conntrack_entries" "node_filefd_allocated"
        "node_entropy_available_bits";
    Machine Course::Constant(262_144.0) => "node_nf_conntrack_entries_limit" "node_filefd_maximum"
        "node_entropy_pool_size_bits" "node_boot_time_seconds" "node_uname_info" "node_os_info" "node_dmi_info"
        "node_selinux_enabled" "node_time_zone_offset_seconds" "node_timex_tick_seconds" "node_timex_sync_status";
    Machine Course::Seconds(1500) => "node_pressure_cpu_waiting_seconds_total"
        "node_pressure_io_stalled_seconds_total" "node_pressure_io_waiting_seconds_total"
        "node_pressure_memory_stalled_seconds_total" "node_pressure_memory_waiting_seconds_total"
        "process_cpu_seconds_total";
    Machine Course::Load => "scrape_duration_seconds" "node_timex_offset_seconds" "node_timex_frequency_adjustment_ratio";
    Machine Course::Walk(3) => "go_goroutines" "process_open_fds" "scrape_samples_scraped";
    Machine Course::Walk(300_000) => "go_memstats_alloc_bytes" "go_memstats_heap_inuse_bytes"
        "process_resident_memory_bytes" "process_virtual_memory_bytes";
    Machine Course::Constant(1.0) => "up" "node_exporter_build_info" "go_info" "process_max_fds";
}

impl Metric {
    /// The labels of each series.
    pub(crate) fn shapes(&self) -> Vec<Shape> {
        let one = |name: &'static str, values: &[&str]| -> Vec<Shape> {
            values.iter().map(|value| vec![(name, (*value).to_owned())]).collect()
        };
        let cpus = || (0..CPUS).map(|cpu| cpu.to_string());
        match self.by {
            By::Machine => vec![Vec::new()],
            By::Cpu => cpus().map(|cpu| vec![("cpu", cpu)]).collect(),
            By::CpuAndMode => cpus()
                .flat_map(|cpu| MODES.map(|mode| vec![("cpu", cpu.clone()), ("mode", mode.to_owned())]))
                .collect(),
            By::Disk => one("device", &DISKS),
            By::Network => one("device", &NETWORKS),
            By::Collector => one("collector", &COLLECTORS),
            By::Bucket => one("le", &BOUNDS),
            By::Filesystem => FILESYSTEMS
                .iter()
                .map(|(device, kind, mountpoint)| {
                    vec![
                        ("device", (*device).to_owned()),
                        ("fstype", (*kind).to_owned()),
                        ("mountpoint", (*mountpoint).to_owned()),
                    ]
                })
                .collect(),
            By::Unit => UNITS
                .iter()
                .flat_map(|unit| {
                    STATES.map(|state| {
                        let kind = "simple".to_owned();
                        vec![("name", (*unit).to_owned()), ("state", state.to_owned()), ("type", kind)]
                    })
                })
                .collect(),
        }
    }
}
