//! Rows taken out of columns.

use std::sync::Arc;

use model::Labels;
use storage::logs::{EntryColumns, MetadataColumn, MetadataValues};

use super::{DeletedRow, Deletion};

/// Takes the rows out of whole columns that are deleted.
pub(crate) fn drop_rows(labels: &Labels, deletions: &[Arc<Deletion>], columns: &mut EntryColumns) {
    let mut metadata = Vec::new();
    let keeps: Vec<bool> = (0..columns.rows)
        .map(|row| {
            metadata.clear();
            let values = columns.metadata.iter();
            metadata.extend(values.filter_map(|column| Some((&*column.name, column.get(row)?))));
            let timestamp = columns.timestamps.get(row).copied().unwrap_or_default();
            let row = DeletedRow { labels, timestamp, line: columns.line(row), metadata: &metadata };
            !deletions.iter().any(|deletion| deletion.deletes(&row))
        })
        .collect();
    if keeps.contains(&false) {
        keep_rows(&keeps, columns);
    }
}

/// Keeps the rows of whole columns that `keeps` says.
pub(crate) fn keep_rows(keeps: &[bool], columns: &mut EntryColumns) {
    let mut kept = EntryColumns::default();
    let rows = || keeps.iter().enumerate().filter(|(_, keeps)| **keeps).map(|(row, _)| row);
    kept.timestamps.extend(rows().filter_map(|row| columns.timestamps.get(row).copied()));
    rows().for_each(|row| kept.push_line(columns.line(row)));
    kept.rows = kept.timestamps.len();
    for column in &columns.metadata {
        let values = match &column.values {
            MetadataValues::Constant(value) => MetadataValues::Constant(Arc::clone(value)),
            MetadataValues::Dictionary { values, numbers } => MetadataValues::Dictionary {
                values: values.clone(),
                numbers: rows().filter_map(|row| numbers.get(row).copied()).collect(),
            },
            MetadataValues::Raw { .. } => {
                let (mut text, mut ends) = (String::new(), Vec::new());
                for row in rows() {
                    text.push_str(column.get(row).unwrap_or_default());
                    ends.push(text.len() as u32);
                }
                MetadataValues::Raw { text, ends }
            }
        };
        kept.metadata.push(MetadataColumn { name: Arc::clone(&column.name), values });
    }
    *columns = kept;
}
