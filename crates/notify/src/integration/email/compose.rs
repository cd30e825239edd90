//! The text of a mail: headers, and its parts in lines that every server takes.

use jiff::Timestamp;

use super::Email;
use super::smtp::Envelope;
use crate::send::{Failure, Message, Tools};

/// The longest line of an encoded text.
const LINE_CHARS_MAX: usize = 76;

impl Email {
    pub(super) fn compose(&self, message: &Message, tools: &Tools) -> Result<Envelope, Failure> {
        let text = |text: &str| message.text(tools, text);
        let from = addresses(&text(&self.from)?)?;
        let to = addresses(&text(&self.to)?)?;
        let [from] = from.as_slice() else {
            return Err(Failure::lasting(format!(
                "must be exactly one 'from' address (got: {})",
                from.len()
            )));
        };
        let mut out = String::new();
        for (name, value) in &self.headers {
            let value = text(value)?;
            out.push_str(&format!("{name}: {}\r\n", encoded_word(&value)));
        }
        let random = random_hex();
        if !self.headers.contains_key("Message-Id") {
            let host = from.rsplit_once('@').map_or("localhost", |(_, host)| host);
            out.push_str(&format!("Message-Id: <{}.{random}@{host}>\r\n", message.now_ns));
        }
        if let Some(threading) = self.threading.as_ref().filter(|threading| threading.enabled) {
            let hash = message.key_hash();
            let date = if threading.thread_by_date == "none" { String::new() } else { day(message.now_ns) };
            let id = format!("<alert-{}-{date}@alertmanager>", hash.get(..16).unwrap_or(&hash));
            out.push_str(&format!("References: {id}\r\nIn-Reply-To: {id}\r\n"));
        }
        let boundary = format!("{random}{}", random_hex());
        out.push_str(&format!(
            "Date: {}\r\nContent-Type: multipart/alternative;  boundary={boundary}\r\nMIME-Version: 1.0\r\n\r\n",
            date(message.now_ns)
        ));
        if !self.text.is_empty() {
            out.push_str(&part(&boundary, "text/plain", &text(&self.text)?));
        }
        if !self.html.is_empty() {
            out.push_str(&part(&boundary, "text/html", &message.html(tools, &self.html)?));
        }
        out.push_str(&format!("--{boundary}--\r\n"));
        Ok(Envelope { from: from.clone(), to, text: out })
    }
}

fn random_hex() -> String {
    use ring::rand::SecureRandom;
    let mut bytes = [0; 12];
    // Without random bytes two mails could be taken for one; the time tells them apart as well.
    let _ = ring::rand::SystemRandom::new().fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn at(now_ns: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(now_ns)).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn date(now_ns: i64) -> String {
    at(now_ns).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

fn day(now_ns: i64) -> String {
    at(now_ns).strftime("%Y-%m-%d").to_string()
}

/// The addresses of a list, without the names.
fn addresses(list: &str) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    let (mut quoted, mut start) = (false, 0);
    let ends = list.char_indices().filter_map(|(at, character)| {
        if character == '"' {
            quoted = !quoted;
        }
        (character == ',' && !quoted).then_some(at)
    });
    for end in ends.collect::<Vec<_>>().into_iter().chain([list.len()]) {
        let one = list.get(start..end).unwrap_or_default().trim();
        start = end + 1;
        let bare = match (one.rfind('<'), one.strip_suffix('>')) {
            (Some(open), Some(rest)) => rest.get(open + 1..).unwrap_or_default(),
            _ => one,
        };
        let is_one = !one.contains(char::is_control)
            && bare.contains('@')
            && !bare.contains(|c: char| c.is_whitespace() || c.is_control() || c == '<');
        if !is_one {
            return Err(Failure::lasting(format!("parse addresses: {one:?} is none")));
        }
        found.push(bare.to_owned());
    }
    Ok(found)
}

/// A header's value; one with more than plain characters is encoded, so that it cannot end its line.
fn encoded_word(text: &str) -> String {
    if text.chars().all(|character| (' '..='~').contains(&character) || character == '\t') {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut word = String::new();
    for character in text.chars() {
        let mut buffer = [0; 4];
        let piece = match character {
            ' ' => "_".to_owned(),
            '!'..='~' if !"=?_".contains(character) => character.to_string(),
            _ => character.encode_utf8(&mut buffer).bytes().map(|byte| format!("={byte:02x}")).collect(),
        };
        if word.len() + piece.len() > LINE_CHARS_MAX - "=?utf-8?q??=".len() {
            words.push(std::mem::take(&mut word));
        }
        word.push_str(&piece);
    }
    words.push(word);
    let words: Vec<String> = words.iter().map(|word| format!("=?utf-8?q?{word}?=")).collect();
    words.join("\r\n ")
}

fn part(boundary: &str, kind: &str, text: &str) -> String {
    format!(
        "--{boundary}\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: {kind}; charset=UTF-8\r\n\r\n{}\r\n",
        quoted_printable(text)
    )
}

/// A text in short lines of plain characters.
fn quoted_printable(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| encoded_line(line.trim_end_matches('\r'))).collect();
    lines.join("\r\n")
}

fn encoded_line(line: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for (at, byte) in line.bytes().enumerate() {
        let is_last = at + 1 == line.len();
        let piece = match byte {
            b' ' | b'\t' if is_last => format!("={byte:02X}"),
            b' '..=b'~' if byte != b'=' => char::from(byte).to_string(),
            b'\t' => "\t".to_owned(),
            _ => format!("={byte:02X}"),
        };
        if column + piece.len() > LINE_CHARS_MAX - 1 {
            out.push_str("=\r\n");
            column = 0;
        }
        column += piece.len();
        out.push_str(&piece);
    }
    out
}

#[cfg(test)]
mod tests;
