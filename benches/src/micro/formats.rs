//! Steps of what comes in and is kept: chunks, expositions, requests of remote write.

use std::fmt::Write as _;

use chunks::XorAppender;
use wire::exposition::{Entry, Format, Options, Parser};
use wire::remote::write::{encode_labels, put_series_v1, put_series_v2, put_symbol_v2};
use wire::remote::{SentLabels, v1, v2};

use super::Prepared;
use crate::Error;
use crate::fleet::{self, Series};
use crate::store::START_MS;

const CHUNK_SAMPLES: i64 = 120;
const INTERVAL_MS: i64 = 15_000;

/// Times and values of a chunk of each series of a machine.
fn columns() -> Vec<Vec<(i64, f64)>> {
    let samples = |series: &Series| {
        let mut values = series.values();
        (0..CHUNK_SAMPLES).map(|at| (START_MS + at * INTERVAL_MS, values.next(at as u64))).collect()
    };
    fleet::machine(0, 1).iter().map(samples).collect()
}

fn encode(samples: &[(i64, f64)], chunk: &mut Vec<u8>) -> Result<(), Error> {
    chunk.clear();
    let mut appender = XorAppender::new(chunk);
    samples.iter().try_for_each(|(time, value)| appender.append(chunk, *time, *value)).map_err(Error::broken)
}

/// Samples of a machine to chunks.
pub(super) fn chunk_encode() -> Result<Prepared, Error> {
    let (columns, mut chunk) = (columns(), Vec::new());
    let samples = columns.iter().map(Vec::len).sum();
    Ok(Prepared::new(samples, move || columns.iter().try_for_each(|samples| encode(samples, &mut chunk))))
}

/// Chunks of a machine to samples.
pub(super) fn chunk_decode() -> Result<Prepared, Error> {
    let columns = columns();
    let mut chunks = Vec::new();
    for samples in &columns {
        let mut chunk = Vec::new();
        encode(samples, &mut chunk)?;
        chunks.push(chunk);
    }
    let (mut times, mut values) = (Vec::new(), Vec::new());
    Ok(Prepared::new(columns.iter().map(Vec::len).sum(), move || {
        for chunk in &chunks {
            times.clear();
            values.clear();
            chunks::xor::decode(chunk, &mut times, &mut values).map_err(Error::broken)?;
        }
        if values.len() as i64 == CHUNK_SAMPLES { Ok(()) } else { Err(Error::broken("samples are missing")) }
    }))
}

/// The text of a machine's exposition.
fn exposition() -> String {
    let mut body = String::new();
    for series in fleet::machine(0, 1) {
        let labels = series.labels.iter().filter(|(name, _)| *name != "__name__");
        let labels: Vec<String> = labels.map(|(name, value)| format!("{name}={value:?}")).collect();
        let name = series.labels.iter().find(|(name, _)| *name == "__name__").map_or("", |(_, value)| value);
        // Text takes everything.
        let _ = writeln!(body, "{name}{{{}}} {}", labels.join(","), series.values().next(0));
    }
    body
}

/// An exposition whose series are all new: each label is looked at.
pub(super) fn exposition_new() -> Result<Prepared, Error> {
    let body = exposition().into_bytes();
    Ok(Prepared::new(body.len(), move || {
        let mut parser = Parser::new(&body, Format::Text, Options::default());
        let (mut labels, nothing): (usize, &[u8]) = (0, b"");
        while let Some(entry) = parser.next(&nothing).map_err(Error::broken)? {
            if let Entry::Sample(_) = entry {
                parser.labels(&mut |name, _| labels += name.len()).map_err(Error::broken)?;
            }
        }
        if labels > 0 { Ok(()) } else { Err(Error::broken("no label was seen")) }
    }))
}

/// An exposition whose series are those of the scrape before.
pub(super) fn exposition_known() -> Result<Prepared, Error> {
    let body = exposition().into_bytes();
    let mut keys: Vec<Vec<u8>> = Vec::new();
    let nothing: &[u8] = b"";
    let mut parser = Parser::new(&body, Format::Text, Options::default());
    while let Some(entry) = parser.next(&nothing).map_err(Error::broken)? {
        if let Entry::Sample(_) = entry {
            keys.push(parser.key().to_vec());
        }
    }
    Ok(Prepared::new(body.len(), move || {
        let mut parser = Parser::new(&body, Format::Text, Options::default());
        let (mut at, mut known) = (0, 0);
        loop {
            let guess = keys.get(at).map(Vec::as_slice).unwrap_or_default();
            match parser.next(&guess).map_err(Error::broken)? {
                Some(Entry::Sample(sample)) => {
                    at += 1;
                    known += usize::from(sample.guessed);
                }
                Some(_) => {}
                None => break,
            }
        }
        if known == keys.len() { Ok(()) } else { Err(Error::broken("a series was not known again")) }
    }))
}

/// A request of remote write 1.0, down to labels and samples.
pub(super) fn remote_write_v1() -> Result<Prepared, Error> {
    let (mut body, mut labels) = (Vec::new(), Vec::new());
    let machine = fleet::machine(0, 1);
    for series in &machine {
        labels.clear();
        encode_labels(&mut labels, series.labels.iter().map(|(name, value)| (*name, value.as_str())));
        put_series_v1(&mut body, &labels, START_MS, series.values().next(0));
    }
    Ok(Prepared::new(machine.len(), move || {
        let (mut request, mut labels, mut samples) = (v1::Request::new(&body), SentLabels::default(), 0.0);
        while let Some(series) = request.next_series().map_err(Error::broken)? {
            series.labels(&mut labels).map_err(Error::broken)?;
            let mut items = series.items();
            while let Some(item) = items.next().map_err(Error::broken)? {
                if let v1::Item::Sample(sample) = item {
                    samples += sample.value;
                }
            }
        }
        if samples > 0.0 { Ok(()) } else { Err(Error::broken("no sample was seen")) }
    }))
}

/// A request of remote write 2.0, down to symbols and samples.
pub(super) fn remote_write_v2() -> Result<Prepared, Error> {
    let machine = fleet::machine(0, 1);
    let mut symbols: Vec<&str> = vec![""];
    let mut rows: Vec<(Vec<u32>, f64)> = Vec::new();
    for series in &machine {
        let texts = series.labels.iter().flat_map(|(name, value)| [*name, value.as_str()]);
        let refs = texts.map(|text| {
            symbols.iter().position(|symbol| *symbol == text).unwrap_or_else(|| {
                symbols.push(text);
                symbols.len() - 1
            }) as u32
        });
        rows.push((refs.collect(), series.values().next(0)));
    }
    let mut body = Vec::new();
    symbols.iter().for_each(|symbol| put_symbol_v2(&mut body, symbol));
    rows.iter().for_each(|(refs, value)| put_series_v2(&mut body, refs, (START_MS, 0, *value)));
    Ok(Prepared::new(machine.len(), move || {
        let (mut symbols, mut refs, mut samples) = (Vec::new(), Vec::<u32>::new(), 0.0);
        let mut request = v2::Request::new(&body, &mut symbols).map_err(Error::broken)?;
        while let Some(series) = request.next_series().map_err(Error::broken)? {
            refs.clear();
            let plain = series.plain().ok_or_else(|| Error::broken("a series is not plain"))?;
            v2::each_packed_pair(plain.labels, |name, value| refs.extend([name, value]))
                .map_err(Error::broken)?;
            samples += plain.sample.value;
        }
        if samples > 0.0 { Ok(()) } else { Err(Error::broken("no sample was seen")) }
    }))
}
