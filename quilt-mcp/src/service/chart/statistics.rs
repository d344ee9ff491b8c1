//! What a list of numbers is like.

use schemars::JsonSchema;
use serde::Serialize;

/// What a list of numbers is like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Statistics {
    /// The arithmetic mean.
    pub mean: f64,
    /// The middle.
    pub median: f64,
    /// The standard deviation of exactly these numbers, not an estimate of a larger whole.
    pub std: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// A quarter lies below.
    pub q1: f64,
    /// A quarter lies above.
    pub q3: f64,
    /// How many they are.
    pub count: usize,
}

/// What a box shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FiveNumbers {
    /// The least.
    pub min: f64,
    /// A quarter lies below.
    pub q1: f64,
    /// The middle.
    pub median: f64,
    /// A quarter lies above.
    pub q3: f64,
    /// The greatest.
    pub max: f64,
}

impl Statistics {
    /// Of finite numbers. All zero if there are none.
    pub fn of(numbers: &[f64]) -> Self {
        let FiveNumbers { min, q1, median, q3, max } = FiveNumbers::of(numbers);
        let count = numbers.len();
        let n = count.max(1) as f64;
        // Divided first, so that the sum of great numbers stays finite.
        let mean = numbers.iter().map(|number| number / n).sum::<f64>();
        let std = numbers.iter().map(|number| (number - mean).powi(2) / n).sum::<f64>().sqrt();
        Self { mean, median, std: if std.is_finite() { std } else { f64::MAX }, min, max, q1, q3, count }
    }
}

impl FiveNumbers {
    /// Of finite numbers. All zero if there are none.
    pub fn of(numbers: &[f64]) -> Self {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            min: quantile(&sorted, 0.0),
            q1: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            q3: quantile(&sorted, 0.75),
            max: quantile(&sorted, 1.0),
        }
    }

    /// The same with each number changed.
    pub(super) fn each(self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            min: change(self.min),
            q1: change(self.q1),
            median: change(self.median),
            q3: change(self.q3),
            max: change(self.max),
        }
    }
}

/// The inclusive method: the least and the greatest are the quantiles 0 and 1, and between neighbours it is linear.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = part * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    let share = place - place.floor();
    sorted[below] * (1.0 - share) + sorted[above] * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_those_of_the_inclusive_method() {
        // Python: statistics.quantiles([1, 2, 4, 8, 16, 32], n=4, method="inclusive")
        let of = FiveNumbers::of(&[32.0, 1.0, 16.0, 2.0, 8.0, 4.0]);
        assert_eq!(of, FiveNumbers { min: 1.0, q1: 2.5, median: 6.0, q3: 14.0, max: 32.0 });
    }

    #[test]
    fn the_deviation_is_that_of_the_population() {
        // Python: statistics.pstdev([2, 4, 4, 4, 5, 5, 7, 9])
        let of = Statistics::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert!((of.std - 2.0).abs() < 1e-12 && (of.mean - 5.0).abs() < 1e-12, "{of:?}");
        assert_eq!(of.count, 8);
    }

    #[test]
    fn one_number_is_everything() {
        let of = Statistics::of(&[3.0]);
        assert_eq!((of.mean, of.median, of.std, of.q1, of.q3), (3.0, 3.0, 0.0, 3.0, 3.0));
    }

    #[test]
    fn great_numbers_stay_finite() {
        let of = Statistics::of(&[f64::MAX, f64::MAX, -f64::MAX]);
        assert!([of.mean, of.std, of.median, of.q1, of.q3].into_iter().all(f64::is_finite), "{of:?}");
    }
}
