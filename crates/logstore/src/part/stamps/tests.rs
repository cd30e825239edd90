//! Texts come back as they were, whatever they tell of the time.

use proptest::prelude::*;

use super::*;

const DAY_NUMBER: i64 = 19_874;

struct Lines {
    timestamps: Vec<i64>,
    text: Vec<u8>,
    lengths: Vec<u32>,
    ends: Vec<u32>,
}

fn lines(rows: &[(i64, Vec<u8>)]) -> Lines {
    let mut lines = Lines { timestamps: Vec::new(), text: Vec::new(), lengths: Vec::new(), ends: Vec::new() };
    for (of_day, line) in rows {
        lines.timestamps.push(DAY_NUMBER * DAY + of_day);
        lines.text.extend_from_slice(line);
        lines.lengths.push(line.len() as u32);
        lines.ends.push(lines.text.len() as u32);
        lines.text.push(b'\n');
    }
    lines
}

/// The text as it is stored, and its forms, if times are taken out of it; whatever is stored is read back as it was.
fn stored(lines: &Lines) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut taker = Taker::new(DAY_NUMBER);
    let (text, forms) = taker.take(&lines.timestamps, &lines.text, &lines.lengths)?;
    let has_feeds = lines.text.iter().filter(|byte| **byte == b'\n').count() != lines.lengths.len();
    let mut restorer = Restorer::new(DAY_NUMBER, &forms).unwrap();
    let (mut back, mut ends) = (Vec::new(), if has_feeds { lines.ends.clone() } else { Vec::new() });
    restorer.restore(&lines.timestamps, text, has_feeds, (&mut back, &mut ends)).unwrap();
    assert_eq!(String::from_utf8_lossy(&back), String::from_utf8_lossy(&lines.text));
    assert_eq!(ends, lines.ends);
    Some((text.to_vec(), forms))
}

fn time(form: Form, of_day: i64) -> Vec<u8> {
    Writer::new(DAY_NUMBER).unwrap().write(DAY_NUMBER * DAY + of_day, form).to_vec()
}

proptest! {
    #[test]
    fn texts_come_back(rows in prop::collection::vec((0..DAY, 0_u8..16, "[ -~\n]{0,12}", "[a-z\n ]{0,30}", 0_u8..4), 1..40)) {
        let rows: Vec<(i64, Vec<u8>)> = rows.into_iter().map(|(of_day, code, before, behind, kind)| {
            let told = match kind {
                0 => Vec::new(),
                1 => time(Form::of_code(code).unwrap(), (of_day + 1) % DAY),
                _ => time(Form::of_code(if kind == 2 { code } else { 4 }).unwrap(), of_day),
            };
            (of_day, [before.as_bytes(), &told, behind.as_bytes()].concat())
        }).collect();
        stored(&lines(&rows));
    }

    #[test]
    fn foreign_texts_are_refused_or_read(stored in prop::collection::vec(0_u8..14, 0..60), forms in prop::collection::vec(0_u8..20, 0..4), rows in 0_usize..6, feeds in any::<bool>()) {
        let timestamps = vec![DAY_NUMBER * DAY; rows];
        if let Some(mut restorer) = Restorer::new(DAY_NUMBER, &forms) {
            let mut ends: Vec<u32> = if feeds { (1..=rows as u32).map(|row| row * 9).collect() } else { Vec::new() };
            let _ = restorer.restore(&timestamps, &stored, feeds, (&mut Vec::new(), &mut ends));
        }
    }
}

#[test]
fn the_usual_forms_are_taken_out() {
    let of_day = 3_723_456_789_012;
    for (told, form) in [
        ("2024-05-31T01:02:03.456", "json"),
        ("2024-05-31 01:02:03,456", "blank and comma"),
        ("2024-05-31 01:02:03", "seconds"),
        ("2024-05-31T01:02:03.456789", "microseconds"),
        ("2024-05-31T01:02:03.456789012", "nanoseconds"),
    ] {
        let line = format!("level=info ts={told}Z msg=done");
        let text = stored(&lines(&[(of_day, line.into_bytes())])).map(|(text, _)| text);
        assert_eq!(text.as_deref(), Some(&b"level=info ts=\x01Z msg=done\n"[..]), "{form}");
    }
}

#[test]
fn what_is_not_the_time_of_the_entry_stays() {
    let other = (0, b"ts=2024-05-31T01:02:03.456Z".to_vec());
    assert!(stored(&lines(&[other])).is_none());
    let marked = (3_723_456_000_000, b"ts=2024-05-31T01:02:03.456Z \x02".to_vec());
    assert!(stored(&lines(&[marked])).is_none());
    let plain: Vec<(i64, Vec<u8>)> = (0..100).map(|row| (row, b"no time".to_vec())).collect();
    assert!(stored(&lines(&plain)).is_none());
}
