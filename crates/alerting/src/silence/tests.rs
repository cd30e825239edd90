//! When a silence stays itself, when it becomes another, and what it keeps quiet.

use super::*;

fn silence(id: &str, value: &str, starts_at: i64, ends_at: i64) -> Silence {
    Silence {
        id: id.to_owned(),
        matcher_sets: vec![vec![Matcher::equal("x", value)]],
        starts_at,
        ends_at,
        updated_at: 0,
        created_by: "me".to_owned(),
        comment: "c".to_owned(),
        annotations: BTreeMap::new(),
    }
}

fn set(silences: &mut Silences, silence: Silence, fresh: &str, now: i64) -> Result<String, SilenceError> {
    silences.set(silence, fresh.to_owned(), now).map(|changed| changed.last().unwrap().id.clone())
}

const S: i64 = SECOND;

#[test]
fn a_changed_comment_keeps_the_id_and_changed_conditions_make_a_new_one() {
    let mut silences = Silences::default();
    assert_eq!(set(&mut silences, silence("", "1", 10 * S, 100 * S), "a", 10 * S).unwrap(), "a");
    let changed = Silence { comment: "other".to_owned(), ..silence("a", "1", 10 * S, 200 * S) };
    assert_eq!(set(&mut silences, changed, "b", 20 * S).unwrap(), "a");
    assert_eq!(silences.get("a").unwrap().ends_at, 200 * S);
    assert_eq!(set(&mut silences, silence("a", "2", 10 * S, 200 * S), "c", 30 * S).unwrap(), "c");
    assert_eq!(silences.get("a").unwrap().state(30 * S), SilenceState::Expired);
    assert_eq!(silences.get("c").unwrap().starts_at, 30 * S, "a start in the past is moved to now");
    assert_eq!(
        set(&mut silences, silence("a", "1", 40 * S, 90 * S), "d", 31 * S).unwrap(),
        "d",
        "what is over stays over"
    );
}

#[test]
fn what_cannot_be_is_refused() {
    let mut silences = Silences::default();
    assert_eq!(set(&mut silences, silence("nope", "1", 0, 100), "a", 0), Err(SilenceError::NotFound));
    let error = set(&mut silences, silence("", "", 0, 100), "a", 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid silence: matcher set 0: at least one matcher must not match the empty string"
    );
    let mut negated = silence("", "", 0, 100);
    negated.matcher_sets = vec![vec![Matcher::new("p", MatchOp::NotRegex, "q.*").unwrap()]];
    assert!(set(&mut Silences::default(), negated, "a", 0).is_ok());
    silences.limits.count_max = Some(1);
    set(&mut silences, silence("", "1", 0, 100), "a", 0).unwrap();
    assert!(matches!(
        set(&mut silences, silence("", "1", 0, 100), "b", 0),
        Err(SilenceError::TooMany { .. })
    ));
    let error = matcher_of("a", "(", true, true, 0).unwrap_err().to_string();
    assert_eq!(
        error,
        "invalid silence: invalid label matcher 0 in set 0: invalid regular expression \"(\": error parsing regexp: missing closing ): `(`"
    );
}

#[test]
fn silences_come_begin_and_end() {
    let mut silences = Silences::default();
    let labels = Labels::from_pairs([("x", "1")]);
    assert!(silences.silencing(7, &labels, 0).is_empty());
    set(&mut silences, silence("", "1", 10, 20), "a", 0).unwrap();
    set(&mut silences, silence("", "2", 0, 20), "b", 0).unwrap();
    assert!(silences.silencing(7, &labels, 5).is_empty());
    assert_eq!(silences.silencing(7, &labels, 10), ["a"]);
    assert!(silences.silencing(7, &labels, 20).is_empty());
    set(&mut silences, silence("", "1", 12, 30), "c", 12).unwrap();
    assert_eq!(silences.silencing(7, &labels, 15), ["a", "c"]);
    silences.expire("c", 16).unwrap();
    assert_eq!(silences.silencing(7, &labels, 16), ["a"]);
    assert_eq!(silences.expire("c", 17).unwrap(), None, "what is over can be ended again");
    silences.collect_garbage(40, 10);
    assert_eq!(silences.iter().count(), 0);
}
