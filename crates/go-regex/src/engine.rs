//! The automata behind a pattern.

use std::sync::OnceLock;
use std::thread;

use regex_automata::meta;

use crate::regex::Source;
use crate::syntax::Parsed;
use crate::{Error, ErrorCode};

/// What the compiled form of one pattern may take, in bytes.
const COMPILED_BYTES_MAX: usize = 64 << 20;

/// The longest patterns for which all is prepared that makes searches faster, in bytes of text.
const OPTIMIZED_BYTES_MAX: usize = 64 << 10;

/// Up to how many levels a pattern is compiled on the stack of whoever asks. The compiler calls itself
/// for each level and takes up to 2 KiB for it.
const LEVELS_MAX: u32 = 50;

/// The stack for patterns of more levels, of which there may be a thousand.
const DEEP_STACK_BYTES: usize = 16 << 20;

/// The automata of one pattern. One without groups answers where a match is, another one with groups what is
/// in it; the first is faster, and often the only one that is asked. They are compiled when first needed.
#[derive(Debug)]
pub(crate) struct Engines {
    source: Source,
    search: OnceLock<Option<meta::Regex>>,
    groups: OnceLock<Option<meta::Regex>>,
}

impl Engines {
    /// Compiles now, and so finds out whether the pattern is too large.
    pub(crate) fn compiled(parsed: &Parsed, source: Source) -> Result<Engines, Error> {
        let engine = compile(&source, parsed, Some(COMPILED_BYTES_MAX));
        let engine = engine.ok_or_else(|| Error::new(ErrorCode::TooLarge, source.text.clone()))?;
        let engines = Engines::deferred(source);
        let _ = engines.search.set(Some(engine));
        Ok(engines)
    }

    /// Compiles later, which is for patterns so simple that they are not too large.
    pub(crate) fn deferred(source: Source) -> Engines {
        Engines { source, search: OnceLock::new(), groups: OnceLock::new() }
    }

    /// The engine that knows where a match is.
    pub(crate) fn search(&self) -> Option<&meta::Regex> {
        let engine = self.search.get_or_init(|| compile(&self.source, &self.source.parse(false).ok()?, None));
        engine.as_ref()
    }

    /// The engine that knows the groups of a match.
    pub(crate) fn groups(&self) -> Option<&meta::Regex> {
        let engine = self.groups.get_or_init(|| {
            let parsed = self.source.parse(true).ok()?;
            if parsed.names.len() < 2 {
                return self.search().cloned();
            }
            // No larger than the other, which was found to be small enough, but for the groups.
            compile(&self.source, &parsed, None)
        });
        engine.as_ref()
    }
}

fn compile(source: &Source, parsed: &Parsed, bytes_max: Option<usize>) -> Option<meta::Regex> {
    let mut config = meta::Config::new().nfa_size_limit(bytes_max);
    if source.text.len() > OPTIMIZED_BYTES_MAX {
        // Preparing it takes longer here than the searches do.
        config = config.auto_prefilter(false).onepass(false);
    }
    let build = || meta::Builder::new().configure(config).build_from_hir(&parsed.hir).ok();
    if parsed.height <= LEVELS_MAX {
        return build();
    }
    thread::scope(|scope| {
        let deep = thread::Builder::new().stack_size(DEEP_STACK_BYTES);
        deep.spawn_scoped(scope, build).ok()?.join().ok()?
    })
}
