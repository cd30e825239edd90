//! Messages of OTLP down to the metric; the bytes of the points stay as they are.

use super::Error;
use super::attributes::{Attributes, push_attribute};
use crate::proto::Value;
use crate::remote::message::Message;

/// The text of a field.
pub(super) fn text<'a>(value: Value<'a>, field: &'static str) -> Result<&'a str, Error> {
    std::str::from_utf8(value.bytes_of(field)?).map_err(|_| Error::Utf8(field))
}

/// A number of eight bytes.
pub(super) fn fixed(value: Value<'_>, field: &'static str) -> Result<u64, Error> {
    match value {
        Value::Fixed64(number) => Ok(number),
        value => Err(crate::remote::Error::wrong(field, value).into()),
    }
}

/// Calls `visit` with each message that stands in a field of another.
pub(super) fn each<'a, E: From<Error>>(
    kind: &'static str,
    bytes: &'a [u8],
    wanted: u32,
    mut visit: impl FnMut(&'a [u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut fields = Message::new(kind, bytes);
    while let Some((number, value)) = fields.next().map_err(Error::from)? {
        if number == wanted {
            visit(value.bytes_of(kind).map_err(Error::from)?)?;
        }
    }
    Ok(())
}

/// What the points of a scope share: its own words.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) schema_url: &'a str,
    pub(super) attributes: Attributes<'a>,
}

impl<'a> Scope<'a> {
    /// The scope of a `ScopeMetrics`.
    pub(super) fn read(scope_metrics: &'a [u8]) -> Result<Self, Error> {
        let mut scope = Self::default();
        let mut fields = Message::new("ScopeMetrics", scope_metrics);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => scope.read_own(value.bytes_of("Scope")?)?,
                3 => scope.schema_url = text(value, "SchemaUrl")?,
                _ => {}
            }
        }
        Ok(scope)
    }

    fn read_own(&mut self, message: &'a [u8]) -> Result<(), Error> {
        let mut fields = Message::new("InstrumentationScope", message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => self.name = text(value, "Name")?,
                2 => self.version = text(value, "Version")?,
                3 => push_attribute(&mut self.attributes, value)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// The attributes of the resource of a `ResourceMetrics`.
pub(super) fn resource_attributes(resource_metrics: &[u8]) -> Result<Attributes<'_>, Error> {
    let mut attributes = Attributes::default();
    each("ResourceMetrics", resource_metrics, 1, |resource| {
        let mut fields = Message::new("Resource", resource);
        while let Some((number, value)) = fields.next().map_err(Error::from)? {
            if number == 1 {
                push_attribute(&mut attributes, value)?;
            }
        }
        Ok::<(), Error>(())
    })?;
    Ok(attributes)
}

/// What kind of points a metric has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    None,
    Gauge,
    Sum,
    Histogram,
    Exponential,
    Summary,
}

/// What the numbers of a metric are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Temporality {
    Unspecified,
    Delta,
    Cumulative,
}

/// A metric, its points as bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Metric<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) unit: &'a str,
    pub(super) kind: Kind,
    pub(super) temporality: Temporality,
    pub(super) monotonic: bool,
    /// The message that holds the points, in its field 1.
    pub(super) points: &'a [u8],
}

impl<'a> Metric<'a> {
    pub(super) fn read(message: &'a [u8]) -> Result<Self, Error> {
        let mut metric = Self {
            name: "",
            description: "",
            unit: "",
            kind: Kind::None,
            temporality: Temporality::Unspecified,
            monotonic: false,
            points: &[],
        };
        let mut fields = Message::new("Metric", message);
        while let Some((number, value)) = fields.next()? {
            let kind = match number {
                1 => {
                    metric.name = text(value, "Name")?;
                    continue;
                }
                2 => {
                    metric.description = text(value, "Description")?;
                    continue;
                }
                3 => {
                    metric.unit = text(value, "Unit")?;
                    continue;
                }
                5 => Kind::Gauge,
                7 => Kind::Sum,
                9 => Kind::Histogram,
                10 => Kind::Exponential,
                11 => Kind::Summary,
                _ => continue,
            };
            metric.kind = kind;
            metric.points = value.bytes_of("Data")?;
        }
        if !matches!(metric.kind, Kind::None | Kind::Gauge | Kind::Summary) {
            metric.read_aggregation()?;
        }
        Ok(metric)
    }

    fn read_aggregation(&mut self) -> Result<(), Error> {
        let mut fields = Message::new("Data", self.points);
        while let Some((number, value)) = fields.next()? {
            match number {
                2 => {
                    self.temporality = match value.number_of("AggregationTemporality")? {
                        1 => Temporality::Delta,
                        2 => Temporality::Cumulative,
                        _ => Temporality::Unspecified,
                    };
                }
                3 if self.kind == Kind::Sum => self.monotonic = value.number_of("IsMonotonic")? != 0,
                _ => {}
            }
        }
        Ok(())
    }
}
