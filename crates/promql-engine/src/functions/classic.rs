//! Estimates from classic histograms: buckets as cumulative counts up to a bound.

#[cfg(test)]
mod tests;

/// A bucket: everything up to and including a bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bucket {
    /// The bound, the last one infinite.
    pub(crate) bound: f64,
    /// Observations up to it.
    pub(crate) count: f64,
}

/// What had to be fixed so that counts do not fall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fall {
    pub(crate) bound_min: f64,
    pub(crate) bound_max: f64,
    pub(crate) difference_max: f64,
}

/// Counts that differ by less than this part are taken as equal: differences of rounding.
const SMALL_DIFFERENCE: f64 = 1e-12;

/// The value below which the part `q` lies, by interpolation in the bucket that holds it.
///
/// The buckets are brought in order in place. Where some had the same bound, what is behind the merged ones is left
/// as it is: the original estimates several quantiles of one histogram one after the other and finds it there.
pub(crate) fn quantile(q: f64, buckets: &mut [Bucket]) -> (f64, Option<Fall>) {
    if q.is_nan() {
        return (f64::NAN, None);
    }
    if q < 0.0 {
        return (f64::NEG_INFINITY, None);
    }
    if q > 1.0 {
        return (f64::INFINITY, None);
    }
    let Some(buckets) = brought_in_order(buckets) else { return (f64::NAN, None) };
    let fall = fix_falls(buckets);
    (interpolated(q, buckets), fall)
}

fn interpolated(q: f64, buckets: &[Bucket]) -> f64 {
    let [first, .., before_last, last] = buckets else {
        return match buckets {
            [first, last] => interpolated_in(q, *first, *first, *last, buckets),
            _ => f64::NAN,
        };
    };
    interpolated_in(q, *first, *before_last, *last, buckets)
}

fn interpolated_in(q: f64, first: Bucket, before_last: Bucket, last: Bucket, buckets: &[Bucket]) -> f64 {
    if last.count == 0.0 {
        return f64::NAN;
    }
    let rank = q * last.count;
    let finite = buckets.split_last().map_or(buckets, |(_, finite)| finite);
    let position = finite.partition_point(|bucket| bucket.count < rank);
    let Some(bucket) = finite.get(position) else { return before_last.bound };
    let Some(below) = position.checked_sub(1).and_then(|below| finite.get(below)) else {
        if first.bound <= 0.0 {
            return first.bound;
        }
        return first.bound * (rank / first.count);
    };
    let share = (rank - below.count) / (bucket.count - below.count);
    below.bound + (bucket.bound - below.bound) * share
}

/// The part of the observations between two values.
pub(crate) fn fraction(lower: f64, upper: f64, buckets: &mut [Bucket]) -> f64 {
    let Some(buckets) = brought_in_order(buckets) else { return f64::NAN };
    let total = buckets.last().map_or(0.0, |bucket| bucket.count);
    if total == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    // Buckets that fall, or stand there twice, may hold more than all.
    let rank = |value: f64| rank_of(value, buckets).min(total);
    (rank(upper) - rank(lower)) / total
}

/// How many observations lie up to a value.
fn rank_of(value: f64, buckets: &[Bucket]) -> f64 {
    let total = buckets.last().map_or(0.0, |bucket| bucket.count);
    let position = buckets.partition_point(|bucket| bucket.bound < value);
    let Some(bucket) = buckets.get(position) else { return total };
    let below = position.checked_sub(1).and_then(|below| buckets.get(below));
    let (start, count) = match below {
        Some(below) => (below.bound, below.count),
        // The lowest bucket begins at zero, or has no beginning.
        None if bucket.bound > 0.0 => (0.0, 0.0),
        None => (f64::NEG_INFINITY, 0.0),
    };
    if value == bucket.bound {
        return bucket.count;
    }
    if value <= start {
        return count;
    }
    // Nothing is known of where the observations of an unbounded bucket lie: they count as at its finite bound.
    if bucket.bound == f64::INFINITY {
        return count;
    }
    if start == f64::NEG_INFINITY {
        return bucket.count;
    }
    count + (bucket.count - count) * (value - start) / (bucket.bound - start)
}

/// Sorts by bound and adds up what has the same bound; `None` where there is no unbounded bucket.
fn brought_in_order(buckets: &mut [Bucket]) -> Option<&mut [Bucket]> {
    buckets.sort_by(|a, b| a.bound.total_cmp(&b.bound));
    if buckets.last()?.bound != f64::INFINITY {
        return None;
    }
    let mut last = 0;
    for next in 1..buckets.len() {
        let bucket = *buckets.get(next)?;
        if bucket.bound == buckets.get(last)?.bound {
            buckets.get_mut(last)?.count += bucket.count;
        } else {
            last += 1;
            *buckets.get_mut(last)? = bucket;
        }
    }
    buckets.get_mut(..=last)
}

/// Raises counts that are lower than the one before.
fn fix_falls(buckets: &mut [Bucket]) -> Option<Fall> {
    let mut fall: Option<Fall> = None;
    let mut buckets = buckets.iter_mut();
    let mut before = buckets.next()?.count;
    for bucket in buckets {
        let count = bucket.count;
        if count == before {
            continue;
        }
        if model::histogram::almost_equal(before, count, SMALL_DIFFERENCE) {
            bucket.count = before;
        } else if count < before {
            bucket.count = before;
            let found = fall.get_or_insert(Fall {
                bound_min: bucket.bound,
                bound_max: bucket.bound,
                difference_max: 0.0,
            });
            found.bound_min = found.bound_min.min(bucket.bound);
            found.bound_max = found.bound_max.max(bucket.bound);
            found.difference_max = found.difference_max.max(before - count);
        } else {
            before = count;
        }
    }
    fall
}
