//! Times that lines tell of themselves: the text of a frame is stored without those that are the times of their rows.
//!
//! Most lines begin with, or hold near their beginning, the time at which they were written, and most often that is the
//! time of the entry. Where it stands in one of the usual forms, in UTC, a byte that no line of the frame has stands in
//! its place, one for each form that a frame has, and the reader writes it anew. So the time is stored once.

use memchr::memmem;
use storage::logs::TIME_MARKS as MARKS;

use crate::part::DAY;
use crate::partition::day_name;

/// Bytes of a line in which a time is looked for.
const SEARCHED_BYTES: usize = 192;
/// Without a time in so many lines a frame is taken to have none.
const TRIED_ROWS: usize = 64;
/// Bytes of the longest form.
const LONGEST: usize = 29;
/// Bytes of a date, and of a date and a time of day.
const DATE: usize = 10;
const SECONDS: usize = 19;

/// How a time is written: `2024-05-31T10:20:30.123`, with a blank for the letter, a comma for the dot, and 0, 3, 6 or 9 digits
/// behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    has_blank: bool,
    has_comma: bool,
    digits: usize,
}

impl Form {
    fn code(self) -> u8 {
        u8::from(self.has_blank) | u8::from(self.has_comma) << 1 | (self.digits as u8 / 3) << 2
    }

    /// The form of a number; `None` where it stands for none.
    fn of_code(code: u8) -> Option<Self> {
        let digits = usize::from(code >> 2) * 3;
        (digits <= 9).then_some(Self { has_blank: code & 1 != 0, has_comma: code & 2 != 0, digits })
    }

    /// The form of the time that a text begins with, behind its date.
    fn of(text: &[u8]) -> Option<Self> {
        let has_blank = match text.get(DATE)? {
            b' ' => true,
            b'T' => false,
            _ => return None,
        };
        let (has_comma, fraction) = match text.get(SECONDS..) {
            Some([b',', fraction @ ..]) => (true, fraction),
            Some([b'.', fraction @ ..]) => (false, fraction),
            _ => (false, &[][..]),
        };
        let digits = fraction.iter().take(9).take_while(|byte| byte.is_ascii_digit()).count() / 3 * 3;
        Some(Self { has_blank, has_comma: has_comma && digits > 0, digits })
    }

    /// Bytes of a time.
    fn len(self) -> usize {
        if self.digits == 0 { SECONDS } else { SECONDS + 1 + self.digits }
    }
}

/// Writes times of one day.
#[derive(Debug)]
struct Writer {
    day_start: i64,
    text: [u8; LONGEST],
    /// The second that the text tells.
    second: u32,
}

impl Writer {
    /// `None` for a day whose year has no four digits.
    fn new(day: i64) -> Option<Self> {
        let date = day_name(day);
        let mut text = *b"0000-00-00T00:00:00.000000000";
        if date.len() != DATE {
            return None;
        }
        text.iter_mut().zip(date.bytes()).for_each(|(to, from)| *to = from);
        Some(Self { day_start: day.checked_mul(DAY)?, text, second: 0 })
    }

    /// A time of the day in a form.
    #[inline]
    fn write(&mut self, timestamp: i64, form: Form) -> &[u8] {
        let of_day = timestamp.wrapping_sub(self.day_start).rem_euclid(DAY).cast_unsigned();
        let (second, nanos) = ((of_day / 1_000_000_000) as u32, (of_day % 1_000_000_000) as u32);
        let [_, _, _, _, _, _, _, _, _, _, gap, h, hh, _, m, mm, _, s, ss, dot, fraction @ ..] =
            &mut self.text;
        if second != self.second {
            self.second = second;
            ([*h, *hh], [*m, *mm]) = (two_digits(second / 3600), two_digits(second / 60 % 60));
            [*s, *ss] = two_digits(second % 60);
        }
        *gap = if form.has_blank { b' ' } else { b'T' };
        if form.digits > 0 {
            *dot = if form.has_comma { b',' } else { b'.' };
            let [a, b, c, d, e, f, g, h, i] = fraction;
            [*a, *b, *c] = three_digits(nanos / 1_000_000);
            if form.digits > 3 {
                [*d, *e, *f] = three_digits(nanos / 1_000 % 1_000);
                [*g, *h, *i] = three_digits(nanos % 1_000);
            }
        }
        self.text.get(..form.len()).unwrap_or_default()
    }
}

#[inline]
fn two_digits(number: u32) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

#[inline]
fn three_digits(number: u32) -> [u8; 3] {
    let [tens, ones] = two_digits(number % 100);
    [b'0' + (number / 100) as u8, tens, ones]
}

/// Takes times out of the texts of frames.
#[derive(Debug)]
pub(super) struct Taker {
    writer: Option<Writer>,
    date: memmem::Finder<'static>,
    text: Vec<u8>,
    forms: Vec<Form>,
    /// Where the last line had its time, and in which form.
    last: Option<(usize, usize)>,
}

impl Taker {
    /// Takes out times of one day.
    pub(super) fn new(day: i64) -> Self {
        let date = memmem::Finder::new(day_name(day).as_bytes()).into_owned();
        Self { writer: Writer::new(day), date, text: Vec::new(), forms: Vec::new(), last: None }
    }

    /// The text without the times of its lines, and their forms; `None` where that is not worth it.
    pub(super) fn take(
        &mut self,
        timestamps: &[i64],
        text: &[u8],
        lengths: &[u32],
    ) -> Option<(&[u8], Vec<u8>)> {
        self.text.clear();
        self.forms.clear();
        self.last = None;
        let [first, second] = MARKS;
        if self.writer.is_none() || memchr::memchr2(first, second, text).is_some() {
            return None;
        }
        self.text.reserve(text.len());
        let mut rest = text;
        let mut taken = 0;
        for (number, (timestamp, length)) in timestamps.iter().zip(lengths).enumerate() {
            if taken == 0 && number >= TRIED_ROWS {
                return None;
            }
            let (line, after) = rest.split_at_checked(*length as usize + 1)?;
            rest = after;
            taken += usize::from(self.take_line(*timestamp, line));
        }
        if taken == 0 {
            return None;
        }
        Some((&self.text, self.forms.iter().map(|form| form.code()).collect()))
    }

    /// Copies a line, a mark in the place of its time; whether it has one.
    fn take_line(&mut self, timestamp: i64, line: &[u8]) -> bool {
        let Some((place, form)) = self.find(timestamp, line) else {
            self.text.extend_from_slice(line);
            return false;
        };
        let len = self.forms.get(form).map_or(0, |form| form.len());
        self.text.extend_from_slice(line.get(..place).unwrap_or_default());
        self.text.extend(MARKS.get(form));
        self.text.extend_from_slice(line.get(place + len..).unwrap_or_default());
        self.last = Some((place, form));
        true
    }

    /// Where a line has the time, and in which of the forms.
    fn find(&mut self, timestamp: i64, line: &[u8]) -> Option<(usize, usize)> {
        let writer = self.writer.as_mut()?;
        if let Some((place, number)) = self.last
            && let Some(form) = self.forms.get(number)
            && line.get(place..).is_some_and(|line| line.starts_with(writer.write(timestamp, *form)))
        {
            return self.last;
        }
        let head = line.get(..SEARCHED_BYTES).unwrap_or(line);
        let place = self.date.find(head)?;
        let told = line.get(place..)?;
        let form = Form::of(told)?;
        if !told.starts_with(writer.write(timestamp, form)) {
            return None;
        }
        if let Some(number) = self.forms.iter().position(|known| *known == form) {
            return Some((place, number));
        }
        (self.forms.len() < MARKS.len()).then(|| {
            self.forms.push(form);
            (place, self.forms.len() - 1)
        })
    }
}

/// Puts times back into the texts of a frame.
#[derive(Debug)]
pub(super) struct Restorer {
    writer: Writer,
    forms: Vec<Form>,
}

impl Restorer {
    /// For frames of a day whose forms are given; `None` where they mean nothing.
    pub(super) fn new(day: i64, forms: &[u8]) -> Option<Self> {
        let forms = forms.iter().map(|code| Form::of_code(*code)).collect::<Option<Vec<_>>>()?;
        (forms.len() <= MARKS.len()).then_some(Self { writer: Writer::new(day)?, forms })
    }

    /// Appends the lines of `stored` to `text`, and their ends to `ends`, which has them already where `has_ends`; `None`
    /// where they are not those of the times.
    pub(super) fn restore(
        &mut self,
        timestamps: &[i64],
        stored: &[u8],
        has_ends: bool,
        (text, ends): (&mut Vec<u8>, &mut Vec<u32>),
    ) -> Option<()> {
        let [first, second] = MARKS;
        let mut rest = stored;
        for (row, timestamp) in timestamps.iter().enumerate() {
            let len = if has_ends { Some((*ends.get(row)? as usize).checked_sub(text.len())?) } else { None };
            let found = match len {
                None if self.forms.len() < 2 => memchr::memchr2(first, b'\n', rest)?,
                None => memchr::memchr3(first, second, b'\n', rest)?,
                Some(len) => self.mark_within(rest, len),
            };
            let mark = rest.get(found).and_then(|byte| MARKS.iter().position(|mark| mark == byte));
            let form = mark.and_then(|number| self.forms.get(number)).copied();
            text.extend_from_slice(rest.get(..found)?);
            rest = rest.get(found..)?;
            if let Some(form) = form {
                text.extend_from_slice(self.writer.write(*timestamp, form));
                rest = rest.get(1..)?;
                let left = match len {
                    None => memchr::memchr(b'\n', rest)?,
                    Some(len) => len.checked_sub(found)?.checked_sub(form.len())?,
                };
                text.extend_from_slice(rest.get(..left)?);
                rest = rest.get(left..)?;
            }
            let (feed, after) = rest.split_first()?;
            if *feed != b'\n' {
                return None;
            }
            rest = after;
            if !has_ends {
                ends.push(u32::try_from(text.len()).ok()?);
            }
            text.push(b'\n');
        }
        rest.is_empty().then_some(())
    }

    /// Where the mark of a line of so many bytes stands; the end of the line where it has none.
    fn mark_within(&self, rest: &[u8], len: usize) -> usize {
        let [first, second] = MARKS;
        let Some(found) = memchr::memchr2(first, second, rest.get(..len).unwrap_or(rest)) else { return len };
        // Behind a line without a mark the next one may have one.
        let form = rest.get(found).and_then(|byte| MARKS.iter().position(|mark| mark == byte));
        let bytes = form.and_then(|number| self.forms.get(number)).map_or(usize::MAX, |form| form.len());
        if found.saturating_add(bytes) <= len { found } else { len }
    }
}

#[cfg(test)]
mod tests;
