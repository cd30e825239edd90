//! Files of unit tests of rules, as promtool reads them.

use std::{collections::BTreeMap, time::Duration};

use crate::decode::{Check, Decoder, Field, decode_document, section};

section! {
    /// A file of tests.
    pub struct RuleTestFile as "main.unitTestFile" {
        /// Patterns of the files of rules, relative to the folder of this file.
        rule_files: Vec<String> = Vec::new() => ["rule_files"];
        /// How often rules are evaluated; a minute unless given.
        evaluation_interval: Duration = Duration::ZERO => ["evaluation_interval"];
        /// Groups in the order in which they are evaluated; others come before.
        group_eval_order: Vec<String> = Vec::new() => ["group_eval_order"];
        /// The tests.
        tests: Vec<RuleTest> = Vec::new() => ["tests"];
        /// Whether numbers may differ in their last bit.
        fuzzy_compare: bool = false => ["fuzzy_compare"];
    }
}

section! {
    /// A test: series, and what rules and expressions make of them.
    pub struct RuleTest as "main.testGroup" {
        /// The distance of the samples.
        interval: Duration = Duration::ZERO => ["interval"];
        /// The series.
        input_series: Vec<InputSeries> = Vec::new() => ["input_series"];
        /// Alerts that should fire.
        alert_rule_test: Vec<AlertTest> = Vec::new() => ["alert_rule_test"];
        /// Expressions and what they should give.
        promql_expr_test: Vec<ExpressionTest> = Vec::new() => ["promql_expr_test"];
        /// Labels of the server, for templates.
        external_labels: BTreeMap<String, String> = BTreeMap::new() => ["external_labels"];
        /// Address of the server, for templates.
        external_url: String = String::new() => ["external_url"];
        /// What the test is called.
        name: String = String::new() => ["name"];
        /// When the test begins: seconds since the Unix epoch, or RFC 3339.
        start_timestamp: String = String::new() => ["start_timestamp"];
    }
}

section! {
    /// A series.
    pub struct InputSeries as "main.series" {
        /// Its name and labels.
        series: String = String::new() => ["series"];
        /// Its values, one for each interval.
        values: String = String::new() => ["values"];
    }
}

section! {
    /// Alerts of one name that should fire at a time.
    pub struct AlertTest as "main.alertTestCase" {
        /// The time, from the start of the test.
        eval_time: Duration = Duration::ZERO => ["eval_time"];
        /// The name.
        alertname: String = String::new() => ["alertname"];
        /// The alerts.
        exp_alerts: Vec<ExpectedAlert> = Vec::new() => ["exp_alerts"];
    }
}

section! {
    /// An alert that should fire.
    pub struct ExpectedAlert as "main.alert" {
        /// Its labels; the name of the alert need not be said.
        exp_labels: BTreeMap<String, String> = BTreeMap::new() => ["exp_labels"];
        /// Its annotations.
        exp_annotations: BTreeMap<String, String> = BTreeMap::new() => ["exp_annotations"];
    }
}

section! {
    /// An expression and what it should give at a time.
    pub struct ExpressionTest as "main.promqlTestCase" {
        /// The expression.
        expr: String = String::new() => ["expr"];
        /// The time, from the start of the test.
        eval_time: Duration = Duration::ZERO => ["eval_time"];
        /// The samples.
        exp_samples: Vec<ExpectedSample> = Vec::new() => ["exp_samples"];
    }
}

section! {
    /// A sample that an expression should give.
    pub struct ExpectedSample as "main.sample" {
        /// Name and labels.
        labels: String = String::new() => ["labels"];
        /// The number.
        value: f64 = 0.0 => ["value"];
        /// The native histogram.
        histogram: String = String::new() => ["histogram"];
    }
}

impl Check for RuleTestFile {}
impl Check for RuleTest {}
impl Check for InputSeries {}
impl Check for AlertTest {}
impl Check for ExpectedAlert {}
impl Check for ExpressionTest {}
impl Check for ExpectedSample {}

impl RuleTestFile {
    /// Reads a file of tests.
    ///
    /// # Errors
    /// What is wrong with it, in the words of the original.
    pub fn parse(text: &str, ignore_unknown_keys: bool) -> Result<RuleTestFile, String> {
        let mut file = RuleTestFile::zero();
        let mut decoder = Decoder::new(ignore_unknown_keys);
        decode_document(&mut file, text, &mut decoder).map_err(|fault| fault.to_string())?;
        Ok(file)
    }
}
