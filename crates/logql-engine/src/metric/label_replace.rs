//! `label_replace`: other labels, the same values.

use go_regex::Regex;
use logql_syntax::ast::LabelReplace;
use model::LabelsBuilder;

use super::series::Series;
use crate::{Error, Result};

/// Gives series other labels. As in the original series may have the same labels then.
pub(super) fn label_replace(replace: &LabelReplace, mut series: Vec<Series>) -> Result<Vec<Series>> {
    let regex = Regex::wrapped("^(?:", &replace.regex, ")$")
        .map_err(|error| Error::Evaluation(format!("invalid regex in label_replace: {error}")))?;
    let mut value = String::new();
    for series in &mut series {
        if let Some(captures) = regex.captures(series.labels.value(&replace.source)) {
            value.clear();
            regex.expand(&replace.replacement, &captures, &mut value);
            series.labels =
                LabelsBuilder::new(series.labels.clone()).set(&replace.destination, &value).build();
        }
    }
    Ok(series)
}
