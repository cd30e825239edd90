//! Messages give the samples that their metrics stand for.

use model::histogram::NativeForm;
use model::{CounterResetHint, Labels, MetricType, Span};

use crate::exposition::{Entry, Format, Options, Parser, Sample};

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A message under construction.
#[derive(Default, Clone)]
struct Message(Vec<u8>);

impl Message {
    fn number(mut self, field: u64, value: u64) -> Self {
        varint(field << 3, &mut self.0);
        varint(value, &mut self.0);
        self
    }

    fn signed(self, field: u64, value: i64) -> Self {
        self.number(field, (value << 1 ^ value >> 63) as u64)
    }

    fn double(mut self, field: u64, value: f64) -> Self {
        varint(field << 3 | 1, &mut self.0);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        varint(field << 3 | 2, &mut self.0);
        varint(bytes.len() as u64, &mut self.0);
        self.0.extend(bytes);
        self
    }

    fn message(self, field: u64, message: Message) -> Self {
        self.bytes(field, &message.0)
    }

    /// With its length in front, as a body has it.
    fn delimited(&self) -> Vec<u8> {
        let mut out = Vec::new();
        varint(self.0.len() as u64, &mut out);
        out.extend(&self.0);
        out
    }
}

fn label(name: &str, value: &str) -> Message {
    Message::default().bytes(1, name.as_bytes()).bytes(2, value.as_bytes())
}

fn family(name: &str, kind: u64) -> Message {
    Message::default().bytes(1, name.as_bytes()).number(3, kind)
}

/// Everything in a body as text, one entry a line.
fn entries(body: &[u8], options: Options) -> Vec<String> {
    let mut parser = Parser::new(body, Format::Protobuf, options);
    let mut entries = Vec::new();
    loop {
        let none: &[u8] = &[];
        let entry = match parser.next(&none) {
            Ok(Some(entry)) => entry,
            Ok(None) => return entries,
            Err(error) => {
                entries.push(format!("error: {error}"));
                return entries;
            }
        };
        let labels = || {
            let mut labels = Vec::new();
            parser.labels(&mut |name, value| labels.push((name.to_owned(), value.to_owned()))).unwrap();
            Labels::from_pairs(labels).to_string()
        };
        let mut text = match entry {
            // Nearly all families here have none.
            Entry::Help { text: "", .. } => continue,
            Entry::Type { metric, metric_type } => format!("type {metric} {metric_type}"),
            Entry::Help { metric, text, .. } => format!("help {metric} {text}"),
            Entry::Unit { metric, unit } => format!("unit {metric} {unit}"),
            Entry::Sample(Sample { value, timestamp, .. }) => format!("{} {value} {timestamp:?}", labels()),
            Entry::Histogram { histogram, timestamp, .. } => match *histogram {
                NativeForm::Whole(whole) => format!("{} {whole} {timestamp:?}", labels()),
                NativeForm::Fractional(fractional) => format!("{} {fractional} {timestamp:?}", labels()),
            },
        };
        parser.exemplars(&mut |exemplar| {
            text += &format!(" # {} {} {:?}", exemplar.labels, exemplar.value, exemplar.timestamp);
        });
        if let Some(start) = parser.start_timestamp() {
            text += &format!(" since {start}");
        }
        entries.push(text.replace("__name__", "").replace(" None", ""));
    }
}

const NATIVE: Options =
    Options { native_histograms: true, classic_beside_native: false, start_timestamps: true };

#[test]
fn counters_with_everything() {
    let time = Message::default().number(1, 1_700_000_000).number(2, 250_000_000);
    let exemplar = Message::default().message(1, label("t", "1")).double(2, 0.5).message(3, time.clone());
    let counter = Message::default().double(1, 7.0).message(2, exemplar).message(3, time);
    let metric =
        Message::default().message(1, label("b", "2")).message(1, label("a", "1")).message(3, counter);
    let body =
        family("c_total", 0).bytes(2, b"A \\n counter.").bytes(5, b"things").message(4, metric.number(6, 99));
    assert_eq!(
        entries(&body.delimited(), NATIVE),
        [
            "help c_total A \\n counter.",
            "type c_total counter",
            "unit c_total things",
            r#"{="c_total", a="1", b="2"} 7 Some(99) # {t="1"} 0.5 Some(1700000000250) since 1700000000250"#
        ]
    );
}

fn classic() -> Message {
    let bucket = |bound, count| Message::default().number(1, count).double(2, bound);
    Message::default().number(1, 5).double(2, 1.5).message(3, bucket(0.1, 1)).message(3, bucket(1.0, 4))
}

#[test]
fn classic_histograms_and_summaries_become_several_series() {
    let histogram = family("h", 4).message(4, Message::default().message(7, classic()));
    assert_eq!(
        entries(&histogram.delimited(), NATIVE),
        [
            "type h histogram",
            r#"{="h_count"} 5"#,
            r#"{="h_sum"} 1.5"#,
            r#"{="h_bucket", le="0.1"} 1"#,
            r#"{="h_bucket", le="1.0"} 4"#,
            r#"{="h_bucket", le="+Inf"} 5"#
        ]
    );
    let quantile = Message::default().double(1, 0.5).double(2, f64::NAN);
    let value = Message::default().number(1, 3).double(2, 2.5).message(3, quantile);
    let summary = family("s", 2).message(4, Message::default().message(4, value));
    assert_eq!(
        entries(&summary.delimited(), NATIVE),
        ["type s summary", r#"{="s", quantile="0.5"} NaN"#, r#"{="s_count"} 3"#, r#"{="s_sum"} 2.5"#]
    );
}

/// A native histogram with buckets 1 and 2, then 4, as differences.
fn native() -> Message {
    let span = |offset, length| Message::default().signed(1, offset).number(2, length);
    let mut deltas = Vec::new();
    for delta in [1i64, 1, -1] {
        varint((delta << 1 ^ delta >> 63) as u64, &mut deltas);
    }
    classic()
        .signed(5, 1)
        .double(6, 0.001)
        .number(7, 1)
        .message(12, span(1, 2))
        .message(12, span(1, 1))
        .bytes(13, &deltas)
}

#[test]
fn native_histograms_stand_alone_or_beside_the_classic_form() {
    let body = family("n", 5).message(4, Message::default().message(7, native())).delimited();
    let none: &[u8] = &[];
    let mut parser = Parser::new(&body, Format::Protobuf, NATIVE);
    assert!(matches!(parser.next(&none), Ok(Some(Entry::Help { metric: "n", text: "", .. }))));
    assert!(matches!(
        parser.next(&none),
        Ok(Some(Entry::Type { metric: "n", metric_type: MetricType::GaugeHistogram }))
    ));
    let Ok(Some(Entry::Histogram { histogram, .. })) = parser.next(&none) else { panic!("no histogram") };
    let NativeForm::Whole(whole) = *histogram else { panic!("not whole") };
    assert_eq!((whole.count, whole.sum, whole.zero_count, whole.schema), (5, 1.5, 1, 1));
    assert_eq!(whole.counter_reset_hint, CounterResetHint::Gauge);
    assert_eq!(whole.positive_spans, [Span { offset: 1, length: 2 }, Span { offset: 1, length: 1 }]);
    assert_eq!(whole.positive_buckets, [1, 1, -1]);
    assert_eq!(parser.next(&none), Ok(None));
    assert_eq!(entries(&body, Options { classic_beside_native: true, ..NATIVE }).len(), 7);
    let without = entries(&body, Options::default());
    assert_eq!(without.len(), 6, "{without:?}");
    assert_eq!(without[5], r#"{="n_bucket", le="+Inf"} 5"#);
}

#[test]
fn keys_name_series_and_guesses_are_recognised() {
    let mut body = family("h", 4).message(4, Message::default().message(7, classic())).delimited();
    let labelled =
        Message::default().message(1, label("a", "1")).message(2, Message::default().double(1, 1.0));
    body.extend(family("h_count", 1).message(4, labelled).delimited());
    let walk = |guesses: &[Vec<u8>]| {
        let mut parser = Parser::new(&body, Format::Protobuf, NATIVE);
        let (mut keys, mut guessed_right) = (Vec::new(), 0);
        loop {
            let guess: &[u8] = guesses.get(keys.len()).map_or(&[], Vec::as_slice);
            match parser.next(&guess).unwrap() {
                None => return (keys, guessed_right),
                Some(Entry::Sample(sample)) => {
                    keys.push(parser.key().to_vec());
                    guessed_right += usize::from(sample.guessed);
                }
                Some(_) => {}
            }
        }
    };
    let (keys, none) = walk(&[]);
    assert_eq!((keys.len(), none), (6, 0));
    let mut distinct = keys.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 6);
    assert_eq!(walk(&keys), (keys.clone(), 6));
}

#[test]
fn broken_bodies_are_errors() {
    let good = family("a", 1).message(4, Message::default().message(2, Message::default().double(1, 1.0)));
    let mut cut = good.delimited();
    let whole = cut.len();
    cut.extend(&good.delimited()[..whole - 3]);
    let got = entries(&cut, NATIVE);
    let error = format!(
        "error: clientpb: insufficient length of buffer, expected at least {whole} bytes, got {} bytes",
        whole - 3
    );
    assert_eq!(got, ["type a gauge".to_owned(), r#"{="a"} 1"#.to_owned(), error]);
    let nameless = family("", 1).message(4, Message::default());
    assert_eq!(entries(&nameless.delimited(), NATIVE), ["error: invalid metric name: "]);
    let span = Message::default().signed(1, 0).number(2, 4);
    let short = native().message(12, span);
    let body = family("n", 4).message(4, Message::default().message(7, short)).delimited();
    let layout = "error: histogram \"n\": positive side: spans require 7 buckets, have 3";
    assert_eq!(entries(&body, NATIVE), ["type n histogram", layout]);
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(noise: Vec<u8>, place: usize, byte: u8) {
        let _ = entries(&noise, NATIVE);
        let mut body = family("n", 4).message(4, Message::default().message(1, label("a", "b")).message(7, native())).delimited();
        let place = place % body.len();
        body[place] = byte;
        let _ = entries(&body, Options { classic_beside_native: true, ..NATIVE });
    }
}

#[test]
fn families_without_metrics_are_not_looked_at() {
    let number = || Message::default().message(2, Message::default().double(1, 1.0));
    let b = family("b", 1).message(4, number()).delimited();
    let expected = ["type b gauge", r#"{="b"} 1"#];
    for empty in [
        family("a", 1).bytes(2, b"help"),
        family("", 1),
        Message::default().bytes(1, b"\xff"),
        family("a", 9),
    ] {
        assert_eq!(entries(&[empty.delimited(), b.clone()].concat(), NATIVE), expected);
    }
    let mut parser = Parser::new(&b, Format::Protobuf, NATIVE);
    let none: &[u8] = &[];
    assert_eq!(parser.next(&none), Ok(Some(Entry::Help { metric: "b", text: "", escaped: false })));
}

#[test]
fn labels_that_are_none_are_refused_by_name_first() {
    let metric = |label: Message| {
        let value = Message::default().double(1, 1.0);
        family("a", 1).message(4, Message::default().message(1, label).message(2, value)).delimited()
    };
    let error = |label: Message| entries(&metric(label), NATIVE).pop().unwrap();
    assert_eq!(error(label("", "v")), "error: invalid label name: ");
    let broken = Message::default().bytes(1, b"x").bytes(2, b"\xff");
    assert_eq!(error(broken.clone()), "error: invalid label value: \u{fffd}");
    assert_eq!(
        error(Message::default().bytes(1, b"\xff").bytes(2, b"\xff")),
        "error: invalid label name: \u{fffd}"
    );
}

#[test]
fn exemplars_of_buckets_stand_for_those_of_a_native_histogram_without() {
    let exemplar = |value| Message::default().message(1, label("t", "1")).double(2, value);
    let bucket = |bound, value| Message::default().number(1, 1).double(2, bound).message(3, exemplar(value));
    let native = Message::default().number(1, 2).double(2, 1.0).signed(5, 0).double(6, 0.001).number(7, 2);
    let both = native.message(3, bucket(1.0, 0.5)).message(3, bucket(2.0, 1.5));
    let last = |histogram: Message| {
        let body = family("a", 4).message(4, Message::default().message(7, histogram));
        entries(&body.delimited(), NATIVE).pop().unwrap()
    };
    assert!(last(both.clone()).ends_with(r#" # {t="1"} 0.5 # {t="1"} 1.5"#), "{}", last(both));
    assert!(last(both.message(16, exemplar(7.0))).ends_with(r#"} # {t="1"} 7"#));
}

#[test]
fn the_bucket_without_a_bound_is_the_last_one() {
    let bucket = |bound, count| Message::default().number(1, count).double(2, bound);
    let histogram = Message::default().number(1, 2).double(2, 1.0).message(3, bucket(f64::INFINITY, 2));
    let body = family("a", 4).message(4, Message::default().message(7, histogram.message(3, bucket(1.0, 1))));
    assert_eq!(entries(&body.delimited(), NATIVE).pop().unwrap(), r#"{="a_bucket", le="+Inf"} 2"#);
}
