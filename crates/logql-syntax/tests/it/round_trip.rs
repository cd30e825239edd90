//! Reading what was printed gives the same tree.

use std::time::Duration;

use logql_syntax::ast::*;
use logql_syntax::{Options, parse};
use model::{MatchOp, Matcher};
use proptest::prelude::*;

fn label() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "rate", "bytes", "ip", "_x9"]).prop_map(str::to_owned)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), Just("a\"b\\c\n`".to_owned())]
}

fn matcher() -> impl Strategy<Value = Matcher> {
    let operator =
        prop::sample::select(vec![MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex]);
    (label(), operator, text()).prop_map(|(name, operator, text)| {
        let text =
            if operator == MatchOp::Regex || operator == MatchOp::NotRegex { "a.+".to_owned() } else { text };
        Matcher::new(name, operator, text).unwrap()
    })
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![(-1000i32..1000).prop_map(f64::from), (-1e9..1e9f64), Just(1e-7)]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    prop::sample::select(vec![Equal, NotEqual, Greater, GreaterOrEqual, Less, LessOrEqual])
}

fn filter() -> impl Strategy<Value = LabelFilter> {
    let condition = prop_oneof![
        (comparison(), number()).prop_map(|(comparison, number)| Condition::Number(comparison, number)),
        (comparison(), -1_000_000_000_000i64..1_000_000_000_000)
            .prop_map(|(comparison, nanos)| Condition::Duration(comparison, nanos)),
        (comparison(), 0u64..1 << 50).prop_map(|(comparison, bytes)| Condition::Bytes(comparison, bytes)),
        (any::<bool>(), text()).prop_map(|(negative, pattern)| Condition::Ip { negative, pattern }),
    ];
    let leaf = prop_oneof![
        matcher().prop_map(LabelFilter::Matcher),
        (label(), condition).prop_map(|(label, condition)| LabelFilter::Condition { label, condition }),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        (any::<bool>(), inner.clone(), inner).prop_map(|(and, left, right)| match and {
            true => LabelFilter::And(Box::new(left), Box::new(right)),
            false => LabelFilter::Or(Box::new(left), Box::new(right)),
        })
    })
}

fn line_filter() -> impl Strategy<Value = LineFilter> {
    use LineFilterOperator::{Contains, NotContains, NotPattern, NotRegex, Pattern, Regex};
    let operator = prop::sample::select(vec![Contains, NotContains, Regex, NotRegex, Pattern, NotPattern]);
    let operand = || prop_oneof![text().prop_map(LineOperand::Text), text().prop_map(LineOperand::Ip)];
    (operator, operand(), prop::collection::vec(operand(), 0..3))
        .prop_map(|(operator, operand, or)| LineFilter { operator, operand, or })
}

fn extractions() -> impl Strategy<Value = Vec<Extraction>> {
    let extraction = (label(), text()).prop_map(|(label, expression)| Extraction { label, expression });
    prop::collection::vec(extraction, 0..3)
}

fn choices() -> impl Strategy<Value = Vec<LabelChoice>> {
    let choice = prop_oneof![label().prop_map(LabelChoice::Name), matcher().prop_map(LabelChoice::Matching)];
    prop::collection::vec(choice, 1..3)
}

fn stage() -> impl Strategy<Value = Stage> {
    let value = prop_oneof![label().prop_map(LabelValue::Rename), text().prop_map(LabelValue::Template)];
    let format = (label(), value).prop_map(|(label, value)| LabelFormat { label, value });
    prop_oneof![
        prop::collection::vec(line_filter(), 1..3).prop_map(Stage::LineFilters),
        extractions().prop_map(Stage::Json),
        (any::<bool>(), any::<bool>(), extractions())
            .prop_map(|(strict, keep_empty, extractions)| Stage::Logfmt { strict, keep_empty, extractions }),
        Just(Stage::Regexp("(?P<x>\\d)".to_owned())),
        Just(Stage::Pattern("<x> \"<_>".to_owned())),
        Just(Stage::Unpack),
        Just(Stage::Decolorize),
        filter().prop_map(Stage::LabelFilter),
        text().prop_map(Stage::LineFormat),
        prop::collection::vec(format, 1..3).prop_map(Stage::LabelFormat),
        choices().prop_map(Stage::Drop),
        choices().prop_map(Stage::Keep),
    ]
}

fn log() -> impl Strategy<Value = LogExpr> {
    (prop::collection::vec(matcher(), 0..3), prop::collection::vec(stage(), 0..4)).prop_map(
        |(matchers, mut stages)| {
            // Line filters in a row are one stage, and one behind a name of `drop` can be its matcher.
            stages.dedup_by(|second, first| {
                let may_take = matches!(first, Stage::LineFilters(_) | Stage::Drop(_) | Stage::Keep(_));
                may_take && matches!(second, Stage::LineFilters(_))
            });
            LogExpr { matchers, stages }
        },
    )
}

fn grouping() -> impl Strategy<Value = Grouping> {
    (any::<bool>(), prop::collection::vec(label(), 0..3))
        .prop_map(|(without, labels)| Grouping { without, labels })
}

fn range() -> impl Strategy<Value = MetricExpr> {
    use RangeOperation::{Absent, Average, Bytes, Quantile, Rate, Sum};
    let conversion =
        prop::sample::select(vec![None, Some(Conversion::Bytes), Some(Conversion::DurationSeconds)]);
    let unwrap = (label(), conversion, prop::collection::vec(filter(), 0..2))
        .prop_map(|(label, conversion, filters)| Unwrap { label, conversion, filters });
    let operation = prop::sample::select(vec![Rate, Bytes, Average, Sum, Quantile, Absent]);
    let offset = -10_000i64..10_000;
    (operation, log(), unwrap, 0u64..100_000_000, offset, prop::option::of(grouping()), 0..1000).prop_map(
        |(operation, log, unwrap, ms, offset, grouping, parameter)| {
            MetricExpr::Range(Box::new(RangeAggregation {
                operation,
                parameter: (operation == Quantile).then(|| f64::from(parameter) / 1000.0),
                log,
                unwrap: operation.takes_unwrap().then_some(unwrap),
                range: Duration::from_millis(ms),
                offset_nanos: offset * 1_000_000,
                grouping: grouping.filter(|_| operation.takes_grouping()),
            }))
        },
    )
}

fn matching() -> impl Strategy<Value = Matching> {
    use Cardinality::{ManyToOne, OneToMany, OneToOne};
    let labels = || prop::collection::vec(label(), 0..3);
    let cardinality = prop::sample::select(vec![OneToOne, ManyToOne, OneToMany]);
    (any::<bool>(), labels(), cardinality, labels()).prop_map(|(on, labels, cardinality, include)| {
        let include = if cardinality == OneToOne { Vec::new() } else { include };
        Matching { on, labels, cardinality, include }
    })
}

fn metric() -> impl Strategy<Value = MetricExpr> {
    use BinaryOperator::{Add, And, Equal, Or, Power, Subtract};
    let leaf = prop_oneof![3 => range(), 1 => (0.0..1e9f64).prop_map(MetricExpr::Vector)];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let operator = prop::sample::select(vec![Add, Subtract, Equal, Power, And, Or]);
        let aggregation = (any::<bool>(), 1u64..9, prop::option::of(grouping()), inner.clone()).prop_map(
            |(top, count, grouping, expr)| {
                let operation = if top { VectorOperation::TopK } else { VectorOperation::Sum };
                let count = top.then_some(count);
                MetricExpr::Aggregation(Box::new(VectorAggregation { operation, count, grouping, expr }))
            },
        );
        let binary = (operator, any::<bool>(), prop::option::of(matching()), inner.clone(), inner.clone())
            .prop_map(|(operator, returns_bool, matching, left, right)| {
                MetricExpr::Binary(Box::new(Binary { operator, returns_bool, matching, left, right }))
            });
        let scaled = (inner.clone(), number()).prop_map(|(left, number)| {
            let right = MetricExpr::Literal(number);
            let (returns_bool, matching) = (false, None);
            MetricExpr::Binary(Box::new(Binary { operator: Add, returns_bool, matching, left, right }))
        });
        let replace = (inner, text(), text(), text()).prop_map(|(expr, destination, replacement, source)| {
            let regex = "(.*)".to_owned();
            MetricExpr::LabelReplace(Box::new(LabelReplace { expr, destination, replacement, source, regex }))
        });
        prop_oneof![aggregation, binary, scaled, replace]
    })
}

fn assert_round_trip(expr: &Expr) {
    for printed in [expr.to_string(), expr.pretty()] {
        let again = parse(&printed, Options::default()).unwrap_or_else(|error| panic!("{printed}: {error}"));
        assert_eq!(&again, expr, "{printed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn log_queries_survive_printing(log in log()) {
        assert_round_trip(&Expr::Log(log));
    }

    #[test]
    fn metric_queries_survive_printing(metric in metric()) {
        assert_round_trip(&Expr::Metric(metric));
    }
}
