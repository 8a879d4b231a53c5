//! `--vary`, `--diff`: which requests are compared, and how their differences are told.

use std::ffi::OsString;
use std::rc::Rc;

use super::fields::{self, LineRules};
use super::target::Target;
use super::usage_error::usage;
use crate::cli::Cli;
use crate::cli::comparing::ComparingOptions;
use crate::cli::sending::SendingOptions;
use crate::cli::showing::{ShowingOptions, TextOrJson};
use crate::diff;
use crate::event::ComparedAs;
use crate::http::request::UserField;
use crate::report::compare::CompareStyle;
use crate::report::json;

/// The variants of each request.
#[derive(Default)]
pub(super) struct Variants(Vec<Variant>);

/// Fields that a variant changes.
struct Variant {
    fields: Vec<UserField>,
    /// As they were typed, a line each.
    typed: Rc<str>,
}

impl Variants {
    /// The variants that `--vary` asks for.
    pub(super) fn new(options: &ComparingOptions, sending: &SendingOptions) -> anyhow::Result<Self> {
        if !options.vary.is_empty() && (!sending.send.is_empty() || !sending.read.is_empty()) {
            let why = "cannot be used with --send or --read; use --diff to compare several";
            return Err(usage("--vary", why));
        }
        let variants = options.vary.iter().filter(|line| !line.is_empty()).map(Variant::read);
        let mut variants: Vec<_> = variants.collect::<anyhow::Result<_>>()?;
        variants.retain(|variant| !variant.fields.is_empty());
        if variants.is_empty() && !options.vary.is_empty() {
            return Err(usage("--vary", "the line is empty: there is no variant to compare"));
        }
        Ok(Self(variants))
    }

    pub(super) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// `target` as it is, its variants, each with what `prepare` does to it, and
    /// `target` once more as the control.
    pub(super) fn of(
        &self,
        target: Target,
        mut prepare: impl FnMut(&mut Target),
    ) -> anyhow::Result<Vec<Target>> {
        if !target.uri.scheme.is_http() {
            let scheme = target.uri.scheme.name();
            return Err(usage(
                "--vary",
                format!("works only with http:// and https:// targets, not {scheme}://"),
            ));
        }
        if !target.recipe.can_send_again() {
            return Err(usage("--vary", "the input can be read only once; use a file"));
        }
        let mut with = |part: ComparedAs, fields: &[UserField]| {
            let recipe = Rc::new(target.recipe.varied(fields));
            let mut new = Target { recipe, part, ..target.alike(target.destination.clone()) };
            prepare(&mut new);
            new
        };
        let variants = self
            .0
            .iter()
            .map(|variant| with(ComparedAs::Variant(Rc::clone(&variant.typed)), &variant.fields));
        let mut targets: Vec<_> = variants.collect();
        targets.push(with(ComparedAs::Control, &[]));
        let base = Target { part: ComparedAs::Base, ..target };
        targets.insert(0, base);
        Ok(targets)
    }
}

impl Variant {
    fn read(line: &OsString) -> anyhow::Result<Self> {
        let fields = fields::read(std::slice::from_ref(line), "--vary", LineRules::default())?;
        let typed = fields.iter().map(|field| String::from_utf8_lossy(&field.argument()).into_owned());
        let typed = typed.collect::<Vec<_>>().join("\n").into();
        Ok(Self { fields, typed })
    }
}

/// How differences are told; `None` where nothing is compared.
pub(super) fn form(
    options: &ComparingOptions,
    showing: &ShowingOptions,
) -> anyhow::Result<Option<CompareStyle>> {
    if !options.compares() {
        return match options.diff_ignore.is_empty() || options.repeat.is_some() {
            true => Ok(None),
            false => Err(usage("--diff-ignore", "needs --diff, --vary or --repeat")),
        };
    }
    let name = if options.vary.is_empty() { "--diff" } else { "--vary" };
    if !diff::IS_BUILT {
        return Err(usage(name, "this build cannot compare (feature `extras`)"));
    }
    let is_json = options.diff == Some(TextOrJson::Json);
    if is_json && !json::IS_BUILT {
        return Err(usage("--diff=json", "this build has no JSON (feature `extras`)"));
    }
    let is_silent = options.diff.is_none() && showing.prints_report_alone();
    let (ignored, compares_all) = (ignored(options)?, options.vary.is_empty());
    Ok(Some(CompareStyle { is_json, ignored, compares_all, is_silent, is_raw: showing.raw }))
}

/// Refuses `--diff` for requests without variants where other requests have some.
pub(super) fn refuse_both(groups: &[Cli]) -> anyhow::Result<()> {
    let varies = |group: &Cli| !group.comparing.vary.is_empty();
    let is_asked =
        |group: &Cli| group.comparing.repeat.is_none() && group.given.iter().any(|id| id == "diff");
    match groups.iter().any(varies) && groups.iter().any(|group| !varies(group) && is_asked(group)) {
        true => Err(usage("--diff", "cannot be used with --vary in another group of options")),
        false => Ok(()),
    }
}

/// The names of `--diff-ignore` in lower case.
pub(super) fn ignored(options: &ComparingOptions) -> anyhow::Result<Vec<String>> {
    let names = options.diff_ignore.iter().map(|name| name.to_string_lossy());
    names
        .map(|name| match name.contains([':', ',']) {
            true => Err(usage(
                "--diff-ignore",
                format!("{name} is not a field name; give --diff-ignore once per field"),
            )),
            false => Ok(name.to_ascii_lowercase()),
        })
        .collect()
}
