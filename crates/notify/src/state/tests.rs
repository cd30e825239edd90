//! What was kept comes back, damaged ends cost themselves alone, and files of an Alertmanager are taken.
#![expect(clippy::disallowed_methods, reason = "a test damages a file")]

use std::collections::BTreeMap;

use alerting::silence::Silence;
use alerting::{Alert, Annotations, Matcher};
use model::Labels;
use platform::real::RealFileSystem;

use super::*;

fn changes() -> Vec<Change> {
    let silence = Silence {
        id: "an-id".to_owned(),
        matcher_sets: vec![vec![Matcher::equal("a", "b")], vec![Matcher::equal("c", "d")]],
        starts_at: 1,
        ends_at: 2_000_000_001,
        updated_at: 3,
        created_by: "me".to_owned(),
        comment: "c".to_owned(),
        annotations: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
    };
    let alert = Alert {
        labels: Labels::from_pairs([("alertname", "A")]),
        annotations: Annotations::from_pairs([("s", "t")]),
        starts_at: -1,
        ends_at: 5,
        updated_at: 6,
        ends_by_timeout: true,
        generator_url: "http://g".into(),
    };
    vec![Change::Silence(silence), Change::Alert(Arc::new(alert))]
}

#[test]
fn what_was_noted_comes_back_and_a_torn_end_costs_itself() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        || Journal::open(Arc::new(RealFileSystem), &folder.path().join("alerts"), folder.path()).unwrap();
    let (mut journal, kept) = open();
    assert!(kept.changes.is_empty());
    journal.note(&changes(), true).unwrap();
    drop(journal);
    let (mut journal, kept) = open();
    assert_eq!(kept.changes, changes());
    let rewrite = journal.begin_rewrite();
    let file = rewrite.write([&changes()[..1]]);
    journal.take_over(file).unwrap();
    journal.note(&changes()[1..], false).unwrap();
    drop(journal);
    let path = folder.path().join("alerts/journal");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let (mut journal, kept) = open();
    assert_eq!((kept.changes, kept.warnings.len()), (changes()[..1].to_vec(), 1));
    journal.note(&changes()[1..], false).unwrap();
    drop(journal);
    assert_eq!(open().1.changes, changes());
}

#[test]
fn what_is_noted_while_the_file_is_written_anew_is_in_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        || Journal::open(Arc::new(RealFileSystem), &folder.path().join("alerts"), folder.path()).unwrap();
    let (mut journal, _) = open();
    journal.note(&changes(), false).unwrap();
    let rewrite = journal.begin_rewrite();
    journal.note(&changes()[1..], false).unwrap();
    // A crash now: the old file has everything.
    assert_eq!(open().1.changes.len(), 3);
    let file = rewrite.write([&changes()[..1]]);
    journal.take_over(file).unwrap();
    assert_eq!(open().1.changes, changes());
    let failed = Err(io::Error::other("the disk is full"));
    journal.begin_rewrite();
    journal.note(&changes()[1..], false).unwrap();
    assert!(journal.take_over(failed).is_err());
    journal.note(&changes()[1..], false).unwrap();
    assert_eq!(open().1.changes.len(), 4);
}

#[test]
fn files_of_an_alertmanager_are_taken_once() {
    let state = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/alertmanager/state");
    if !state.exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (_, kept) = Journal::open(Arc::new(RealFileSystem), folder.path(), &state).unwrap();
    assert_eq!(kept.warnings, Vec::<String>::new());
    let shown: serde_json::Value =
        serde_json::from_slice(&std::fs::read(state.join("silences.json")).unwrap()).unwrap();
    let comments: Vec<&str> = kept
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::Silence(silence) => Some(silence.comment.as_str()),
            _ => None,
        })
        .collect();
    for silence in shown.as_array().unwrap() {
        assert!(comments.contains(&silence["comment"].as_str().unwrap()), "{silence}");
    }
    let told = kept.changes.iter().find_map(|change| match change {
        Change::Told(entry) => Some(entry),
        _ => None,
    });
    assert!(told.unwrap().key.group_key.starts_with("{}"));
}
