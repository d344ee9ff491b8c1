//! The Prometheus text format, as far as the server writes it.

use std::collections::BTreeMap;

/// One reading of `/metrics`.
#[derive(Clone, Debug, Default)]
pub struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// Reads every sample. What cannot be read is left out.
    pub fn parse(text: &str) -> Self {
        let sample = |line: &str| {
            let (series, value) = line.rsplit_once(' ')?;
            Some((series.to_owned(), value.parse().ok()?))
        };
        Self(text.lines().filter(|line| !line.starts_with('#')).filter_map(sample).collect())
    }

    /// The sum over all labels of a metric; 0 if it has no sample yet.
    pub fn sum(&self, name: &str) -> f64 {
        self.with(name, "")
    }

    /// The sum over the samples of a metric whose labels contain `label`, written `name="value"`.
    pub fn with(&self, name: &str, label: &str) -> f64 {
        let of_metric = |series: &str| {
            let rest = series.strip_prefix(name)?;
            (rest.is_empty() || rest.starts_with('{')).then_some(rest.contains(label))
        };
        // Not `sum()`: that of nothing is -0.
        self.0
            .iter()
            .filter(|(series, _)| of_metric(series) == Some(true))
            .fold(0.0, |sum, (_, value)| sum + value)
    }

    /// The samples of a metric: their labels as written, `{name="value"}` or nothing, and their values.
    pub fn of(&self, name: &str) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().filter_map(move |(series, value)| {
            let labels = series.strip_prefix(name)?;
            (labels.is_empty() || labels.starts_with('{')).then_some((labels, *value))
        })
    }

    /// Whether there is any sample of it.
    pub fn has(&self, name: &str) -> bool {
        self.0.keys().any(|series| series == name || series.starts_with(&format!("{name}{{")))
    }

    /// The upper bound of the bucket of a histogram in which the given share of all samples lies, over all labels.
    /// In the unit of the histogram; infinite if it lies beyond the last bound.
    pub fn quantile(&self, histogram: &str, share: f64) -> f64 {
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for (series, count) in &self.0 {
            let Some(labels) = series.strip_prefix(&format!("{histogram}_bucket{{")) else { continue };
            let bound =
                labels.split("le=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("+Inf");
            let bound = bound.parse().unwrap_or(f64::INFINITY);
            match buckets.iter_mut().find(|(b, _)| *b == bound) {
                Some((_, sum)) => *sum += count,
                None => buckets.push((bound, *count)),
            }
        }
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total = buckets.last().map_or(0.0, |(_, count)| *count);
        buckets
            .into_iter()
            .find(|(_, count)| *count >= share * total)
            .map_or(f64::INFINITY, |(bound, _)| bound)
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    const TEXT: &str = "# TYPE a counter\na_total{how=\"closed\"} 3\na_total{how=\"cancelled\"} 2\na_totals 9\nb 1\n\
        h_bucket{le=\"0.1\",t=\"x\"} 5\nh_bucket{le=\"0.1\",t=\"y\"} 3\nh_bucket{le=\"+Inf\",t=\"x\"} 6\nh_bucket{le=\"+Inf\",t=\"y\"} 4\n";

    #[test]
    fn sums_run_over_the_labels_of_one_metric_only() {
        let metrics = Metrics::parse(TEXT);
        assert_eq!(metrics.sum("a_total"), 5.0);
        assert_eq!(metrics.with("a_total", "how=\"cancelled\""), 2.0);
        assert_eq!(metrics.sum("b"), 1.0);
        assert!(!metrics.has("a"));
    }

    #[test]
    fn a_quantile_is_the_bound_that_holds_the_share() {
        let metrics = Metrics::parse(TEXT);
        assert_eq!(metrics.quantile("h", 0.8), 0.1);
        assert_eq!(metrics.quantile("h", 0.9), f64::INFINITY);
    }
}
