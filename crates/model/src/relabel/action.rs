//! The actions of relabelling rules.

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Action {
    /// Writes the expanded replacement to the target label where the expression matches.
    #[default]
    Replace,
    /// Drops what the expression does not match.
    Keep,
    /// Drops what the expression matches.
    Drop,
    /// Drops where the joined values differ from the target label's.
    KeepEqual,
    /// Drops where the joined values equal the target label's.
    DropEqual,
    /// Writes the joined values' hash modulo `modulus` to the target label.
    HashMod,
    /// Copies the labels whose names match to the names that the replacement gives.
    LabelMap,
    /// Removes the labels whose names match.
    LabelDrop,
    /// Removes the labels whose names do not match.
    LabelKeep,
    /// Writes the joined values in lower case to the target label.
    Lowercase,
    /// Writes the joined values in upper case to the target label.
    Uppercase,
}

/// All actions with the names that configurations use.
const NAMES: [(Action, &str); 11] = [
    (Action::Replace, "replace"),
    (Action::Keep, "keep"),
    (Action::Drop, "drop"),
    (Action::KeepEqual, "keepequal"),
    (Action::DropEqual, "dropequal"),
    (Action::HashMod, "hashmod"),
    (Action::LabelMap, "labelmap"),
    (Action::LabelDrop, "labeldrop"),
    (Action::LabelKeep, "labelkeep"),
    (Action::Lowercase, "lowercase"),
    (Action::Uppercase, "uppercase"),
];

impl Action {
    /// The action of a name, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(action, _)| *action)
    }

    /// The name in configurations.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(action, _)| *action == self).map_or("replace", |(_, name)| name)
    }
}
