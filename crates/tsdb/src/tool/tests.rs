//! Texts as promtool 3.5 prints them.

use std::path::Path;
use std::sync::Arc;

use model::matcher::{MatchOp, Matcher};
use platform::FileSystem;
use platform::simulated::{SimulatedClock, SimulatedFileSystem};
use storage::TimeRange;
use telemetry::Registry;

use super::{
    AnalyzeOptions, CreateOptions, Created, DumpFormat, ToolError, analyze, create_blocks_from_open_metrics,
    dump, dump_open_metrics, list, list_blocks, open_block, spread, table,
};
use crate::block::BlockWriterSettings;
use crate::blocks::{Blocks, BlocksSettings};
use crate::compaction::PlanSettings;
use crate::retention::RetentionSettings;

#[test]
fn times_lengths_and_sizes_are_as_people_read_them() {
    for (ms, text) in [
        (0, "0s"),
        (1, "1ms"),
        (999, "999ms"),
        (1000, "1s"),
        (7_170_001, "1h59m30.001s"),
        (3_585_001, "59m45.001s"),
        (4_260_001, "1h11m0.001s"),
        (60_500, "1m0.5s"),
        (7_200_000, "2h0m0s"),
        (-61_000, "-1m1s"),
    ] {
        assert_eq!(table::duration(ms), text);
    }
    for (bytes, text) in [
        (0, "0B"),
        (513, "513B"),
        (1 << 10, "1KiB"),
        (84_541, "82KiB573B"),
        (35_093, "34KiB277B"),
        (13_035, "12KiB747B"),
        ((1 << 30) + 5, "1GiB5B"),
    ] {
        assert_eq!(table::bytes(bytes), text);
    }
    for (ms, text) in [
        (1_700_006_400_000, "2023-11-15 00:00:00 +0000 UTC"),
        (1_700_013_570_001, "2023-11-15 01:59:30 +0000 UTC"),
        (951_782_399_999, "2000-02-28 23:59:59 +0000 UTC"),
        (951_782_400_000, "2000-02-29 00:00:00 +0000 UTC"),
        (0, "1970-01-01 00:00:00 +0000 UTC"),
        (-1, "1969-12-31 23:59:59 +0000 UTC"),
    ] {
        assert_eq!(table::time(ms), text);
    }
}

fn spread_of(figures: &[u64], total: usize) -> String {
    let mut out = Vec::new();
    spread::write_spread("samples", &mut figures.to_vec(), total, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn figures_are_spread_over_ranges_of_a_power_of_ten() {
    assert_eq!(spread_of(&[], 5), "samples: N/A\n\n");
    let counts = [vec![61; 6], vec![11], vec![22; 2], vec![33], vec![44; 2], vec![55]].concat();
    let expected = "samples (min/avg/max): 11/45/61\n\
        [11, 20]: 1 ##\n\
        [21, 30]: 2 #####\n\
        [31, 40]: 1 ##\n\
        [41, 50]: 2 #####\n\
        [51, 60]: 1 ##\n\
        [61, 70]: 6 ################\n\
        [71, 80]: 0 \n\n";
    assert_eq!(spread_of(&counts, 37), expected);
    // As promtool told of chunks of these lengths.
    let counts = [vec![1, 9, 10, 11, 20, 99, 1, 10], vec![100, 101], vec![120; 4]].concat();
    let expected = "samples (min/avg/max): 1/60/120\n\
        [  1, 100]: 8 #########################################################\n\
        [101, 200]: 6 ##########################################\n\
        [201, 300]: 0 \n\n";
    assert_eq!(spread_of(&counts, 14), expected);
}

const INPUT: &str = "# TYPE a gauge\n\
    a{n=\"1\"} 1 1700006400\n\
    a{n=\"1\"} 2.5 1700006415\n\
    a{n=\"2\"} NaN 1700006400.5\n\
    a{n=\"1\"} 3 1700013600\n\
    # TYPE b gauge\n\
    b 1e6 1700013600\n\
    # EOF\n";

struct Made {
    fs: Arc<dyn FileSystem>,
    created: Created,
    text: String,
}

fn create(input: &str, options: &CreateOptions) -> Result<Made, ToolError> {
    let fs: Arc<dyn FileSystem> = Arc::new(SimulatedFileSystem::new());
    let clock = SimulatedClock::new(1_750_000_000_000);
    let mut out = Vec::new();
    let output = Path::new("/out");
    let created = create_blocks_from_open_metrics(&fs, &clock, input.as_bytes(), output, options, &mut out)?;
    Ok(Made { fs, created, text: String::from_utf8(out).unwrap() })
}

fn store(fs: &Arc<dyn FileSystem>) -> Blocks {
    let settings = BlocksSettings {
        compaction: PlanSettings { ranges: vec![], overlapping: true },
        retention: RetentionSettings::default(),
        writer: BlockWriterSettings::default(),
    };
    let registry = Registry::with_time(|| std::time::Duration::ZERO);
    Blocks::open(
        Arc::clone(fs),
        Arc::new(SimulatedClock::new(0)),
        &registry,
        Path::new("/out"),
        settings,
        &Arc::default(),
    )
    .unwrap()
}

#[test]
fn samples_become_blocks_of_two_hours() {
    let options =
        CreateOptions { labels: vec![("x".to_owned(), "y".to_owned())], ..CreateOptions::default() };
    let made = create(INPUT, &options).unwrap();
    let times: Vec<(i64, i64)> =
        made.created.blocks.iter().map(|meta| (meta.min_time, meta.max_time)).collect();
    assert_eq!(times, [(1_700_006_400_000, 1_700_006_415_001), (1_700_013_600_000, 1_700_013_600_001)]);
    assert_eq!(made.created.out_of_order, 0);
}

#[test]
fn a_sample_behind_a_later_one_is_left_out_and_counted() {
    let input = "a 1 1700006500\na 2 1700006490\na 3 1700006500\na 4 1700006600\n# EOF\n";
    let made = create(input, &CreateOptions::default()).unwrap();
    assert_eq!(made.created.out_of_order, 2);
    assert_eq!(made.created.blocks[0].stats.num_samples, 2);
}

#[test]
fn blocks_are_listed_as_they_are_made() {
    let made = create(INPUT, &CreateOptions::default()).unwrap();
    let lines: Vec<&str> = made.text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        lines[0],
        "BLOCK ULID                  MIN TIME       MAX TIME       DURATION     NUM SAMPLES  NUM CHUNKS   NUM SERIES   SIZE"
    );
    let row = &lines[1][28..];
    assert!(
        row.starts_with("1700006400000  1700006415001  15.001s      3            2            2            "),
        "{row}"
    );
    let listed = list_blocks(&made.fs, Path::new("/out")).unwrap();
    let mut out = Vec::new();
    list(&listed, true, true, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("2023-11-15 00:00:00 +0000 UTC  2023-11-15 00:00:15 +0000 UTC  15.001s"), "{text}");
    let quiet = create(INPUT, &CreateOptions { listing: None, ..CreateOptions::default() }).unwrap();
    assert_eq!((quiet.text.as_str(), quiet.created.blocks.len()), ("", 2));
}

#[test]
fn input_without_times_or_end_is_refused_as_the_original_does() {
    let error = |input| create(input, &CreateOptions::default()).err().unwrap().to_string();
    assert_eq!(
        error("a 1\n# EOF\n"),
        "getting min and max timestamp: expected timestamp for series got none"
    );
    assert_eq!(error("a 1 5\n"), "getting min and max timestamp: next: data does not end with # EOF");
    let made = create("# EOF\n", &CreateOptions::default()).unwrap();
    assert_eq!((made.created, made.text.as_str()), (Created::default(), ""));
}

#[test]
fn samples_are_dumped_by_series_and_time() {
    let made = create(INPUT, &CreateOptions::default()).unwrap();
    let store = store(&made.fs);
    let text = |selectors: &[Vec<Matcher>], format| {
        let mut out = Vec::new();
        dump(&store, TimeRange::ALL, selectors, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let all = vec![Matcher::new("__name__", MatchOp::Regex, ".*").unwrap()];
    let expected = "{__name__=\"a\", n=\"1\"} 1 1700006400000\n\
        {__name__=\"a\", n=\"1\"} 2.5 1700006415000\n\
        {__name__=\"a\", n=\"1\"} 3 1700013600000\n\
        {__name__=\"a\", n=\"2\"} NaN 1700006400500\n\
        {__name__=\"b\"} 1e+06 1700013600000\n";
    assert_eq!(text(std::slice::from_ref(&all), DumpFormat::Prom), expected);
    // A series that two selectors find comes once.
    let b = vec![Matcher::equal("__name__", "b")];
    assert_eq!(text(&[b.clone(), b.clone()], DumpFormat::Prom), "{__name__=\"b\"} 1e+06 1700013600000\n");
    assert_eq!(text(&[b], DumpFormat::SeriesJson), "{\"__name__\":\"b\"}\n");
    let mut out = Vec::new();
    dump_open_metrics(&store, TimeRange::new(1_700_013_600_000, i64::MAX), &[all], &mut out).unwrap();
    let expected = "a{n=\"1\"} 3 1700013600.000\nb{} 1e+06 1700013600.000\n# EOF\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn a_block_is_analyzed() {
    let made = create(INPUT, &CreateOptions::default()).unwrap();
    let text = |name: Option<&str>, options: &AnalyzeOptions| {
        let mut out = Vec::new();
        let block = open_block(&made.fs, Path::new("/out"), name)?;
        analyze(&block, options, &mut out).map(|()| String::from_utf8(out).unwrap())
    };
    let first = made.created.blocks[0].ulid.to_string();
    let selector = Some(("{n=\"2\"}".to_owned(), vec![Matcher::equal("n", "2")]));
    let found = text(Some(&first), &AnalyzeOptions { limit: 3, extended: true, selector }).unwrap();
    let expected = format!(
        "Block ID: {first}\nDuration: 15.001s\nTotal Series: 2\nMatcher: {{n=\"2\"}}\nLabel names: 2\n\
        Matched series: 1\nPostings (unique label pairs): 2\nPostings entries (total label pairs): 2\n\n\
        Label pairs most involved in churning:\n1 __name__=a\n1 n=2\n\n\
        Label names most involved in churning:\n1 __name__\n1 n\n\n\
        Most common label pairs:\n1 __name__=a\n1 n=2\n\n\
        Label names with highest cumulative label value length:\n1 __name__\n1 n\n\n\
        Highest cardinality labels:\n1 __name__\n1 n\n\n\
        Highest cardinality metric names:\n1 a\n\n\
        Compaction analysis:\n\n\
        samples per float chunk (min/avg/max): 1/1/1\n[ 1, 10]: 1 {hashes}\n[11, 20]: 0 \n\n",
        hashes = "#".repeat(100)
    );
    assert!(found.starts_with(&expected), "{found}");
    assert!(found.ends_with("buckets per histogram chunk: N/A\n\n"), "{found}");
    assert!(matches!(text(Some("XX"), &AnalyzeOptions::default()), Err(ToolError::UnknownBlock(_))));
    assert!(text(None, &AnalyzeOptions::default()).unwrap().starts_with(&format!(
        "Block ID: {}",
        made.created.blocks.iter().map(|meta| meta.ulid).max().unwrap()
    )));
    made.fs.create_dir_all(Path::new("/empty")).unwrap();
    let error = open_block(&made.fs, Path::new("/empty"), None).unwrap_err();
    assert_eq!(error.to_string(), "no blocks found");
    let error = list_blocks(&made.fs, Path::new("/absent")).unwrap_err();
    assert_eq!(error.to_string(), "opening the db dir: stat /absent: no such file or directory");
}
