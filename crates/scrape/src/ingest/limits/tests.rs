//! Histograms become as coarse as the limits want, and no coarser.

use model::histogram::NativeForm;
use model::{Histogram, Span};

use super::{fit, schema, schema_of_factor};
use crate::ScrapeError;
use crate::settings::Limits;

fn histogram(buckets: u32) -> NativeForm {
    NativeForm::Whole(Histogram {
        schema: 2,
        count: u64::from(buckets),
        sum: 1.0,
        positive_spans: vec![Span { offset: 0, length: buckets }],
        positive_buckets: std::iter::once(1).chain(std::iter::repeat_n(0, buckets as usize - 1)).collect(),
        ..Histogram::default()
    })
}

#[test]
fn too_many_buckets_are_merged() {
    let limits = |buckets| Limits { histogram_buckets: Some(buckets), ..Limits::default() };
    let mut fine = histogram(8);
    fit(&mut fine, &limits(8)).unwrap();
    assert_eq!(schema(&fine), 2);
    fit(&mut fine, &limits(4)).unwrap();
    // Buckets 0 to 7 at schema 2 lie in buckets 0 to 4 at schema 1, in 0 to 2 at schema 0.
    assert_eq!(schema(&fine), 0);
    assert_eq!(fit(&mut fine, &limits(1)), Err(ScrapeError::BucketLimit));
}

#[test]
fn the_least_factor_gives_the_schema() {
    // Bases of the schemas, by the specification: 2^(2^-schema).
    for (factor, expected) in
        [(2.0, 0), (1.5, 0), (1.41, 1), (1.0027, 8), (1.001, 8), (4.0, -1), (1e300, -4), (65536.0, -4)]
    {
        assert_eq!(schema_of_factor(factor), expected, "{factor}");
    }
    let mut fine = histogram(8);
    fit(&mut fine, &Limits { histogram_bucket_factor: Some(1.9), ..Limits::default() }).unwrap();
    assert_eq!(schema(&fine), 0);
}
