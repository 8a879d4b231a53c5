//! What a file names of this crate, of std and of other crates, each path resolved from its module.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemExternCrate, ItemMod, ItemUse, Macro, Path, UseTree};

/// A path that a file names: from the crate's root, into std, or into something else.
#[derive(Debug, PartialEq)]
pub(crate) enum Named {
    /// Segments after `crate::`; empty for the crate itself.
    Ours(Vec<String>),
    /// Segments after `std::` or `core::`.
    Std(Vec<String>),
    /// The first segment of any other path: another crate, or what is in scope.
    Other(String),
}

impl Named {
    /// The part of `src` that it names; `crate` for all of them at once.
    pub(crate) fn part(&self) -> Option<&str> {
        match self {
            Self::Ours(path) => Some(path.first().map_or("crate", String::as_str)),
            Self::Std(_) | Self::Other(_) => None,
        }
    }

    /// The module of std that it names, but where it names a value type there; `*` for all of
    /// them at once.
    pub(crate) fn module_of_std(&self) -> Option<&str> {
        let Self::Std(path) = self else { return None };
        let is_value = path.get(1).is_some_and(|name| VALUES.contains(&name.as_str()));
        Some(path.first().map_or("*", String::as_str)).filter(|_| !is_value)
    }

    /// The path from the crate's root that it names.
    pub(crate) fn ours(&self) -> Option<&[String]> {
        match self {
            Self::Ours(path) => Some(path),
            Self::Std(_) | Self::Other(_) => None,
        }
    }

    /// The other crate that it names, if it is one.
    pub(crate) fn other(&self) -> Option<&str> {
        match self {
            Self::Other(name) => Some(name),
            Self::Ours(_) | Self::Std(_) => None,
        }
    }
}

/// Types that are plain values wherever they live.
const VALUES: &[&str] = &["Duration", "IpAddr", "Ipv4Addr", "Ipv6Addr", "SocketAddr"];

/// Walks a file and notes what it names.
pub(crate) struct Names {
    /// The module that is being read.
    modules: Vec<String>,
    pub(crate) found: Vec<Named>,
    pub(crate) asks_for_feature: bool,
    /// The types that it defines.
    pub(crate) types: Vec<String>,
}

impl Names {
    /// Starts in the module at `modules`, from the crate's root.
    pub(crate) fn new(modules: Vec<String>) -> Self {
        Self { modules, found: Vec::new(), asks_for_feature: false, types: Vec::new() }
    }

    /// Notes `path`, as it is written here.
    fn note(&mut self, path: &[String]) {
        let Some(first) = path.first() else { return };
        let named = match first.as_str() {
            "std" | "core" | "alloc" => Named::Std(path[1..].to_vec()),
            "crate" => Named::Ours(path[1..].to_vec()),
            "self" | "super" => self.relative(path),
            other => Named::Other(other.to_owned()),
        };
        let named = match named {
            Named::Ours(path) if path.first().is_some_and(|name| name == "*") => Named::Ours(Vec::new()),
            named => named,
        };
        self.found.push(named);
    }

    fn relative(&self, path: &[String]) -> Named {
        let mut modules = self.modules.clone();
        let mut rest = path;
        while let [first, after @ ..] = rest {
            match first.as_str() {
                "self" => {}
                "super" => drop(modules.pop()),
                _ => break,
            }
            rest = after;
        }
        modules.extend_from_slice(rest);
        Named::Ours(modules)
    }

    fn note_tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| {
            let mut path = before.to_vec();
            path.push(name);
            path
        };
        match tree {
            UseTree::Path(path) => self.note_tree(&with(plain(&path.ident)), &path.tree),
            UseTree::Name(name) if name.ident == "self" => self.note(before),
            UseTree::Rename(name) if name.ident == "self" => self.note(before),
            UseTree::Name(name) => self.note(&with(plain(&name.ident))),
            UseTree::Rename(name) => self.note(&with(plain(&name.ident))),
            UseTree::Glob(_) => self.note(&with("*".to_owned())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(before, tree)),
        }
    }

    /// Notes the paths among the tokens of a macro, which are not parsed.
    fn note_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 => path.push(plain(&ident)),
                TokenTree::Ident(ident) => {
                    self.note_path_of_several(&path);
                    path = vec![plain(&ident)];
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.note_tokens(group.stream()),
                _ => {
                    self.note_path_of_several(&path);
                    path.clear();
                }
            }
            colons = 0;
        }
        self.note_path_of_several(&path);
    }

    /// A lone `self` or `crate` in a macro is no path.
    fn note_path_of_several(&mut self, path: &[String]) {
        if path.len() > 1 {
            self.note(path);
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_for_tests(&item.attrs) {
            item.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
            self.note_tree(&[], &item.tree);
        }
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        if !is_for_tests(&item.attrs) {
            let name = plain(&item.ident);
            // `self` is the crate here, not the module.
            self.note(&[if name == "self" { "crate".to_owned() } else { name }]);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_for_tests(&item.attrs) {
            self.modules.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.modules.pop();
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item(&mut self, item: &'ast Item) {
        let (name, attributes) = match item {
            Item::Struct(item) => (&item.ident, &item.attrs),
            Item::Enum(item) => (&item.ident, &item.attrs),
            Item::Union(item) => (&item.ident, &item.attrs),
            Item::Trait(item) => (&item.ident, &item.attrs),
            Item::Type(item) => (&item.ident, &item.attrs),
            _ => return visit::visit_item(self, item),
        };
        if !is_for_tests(attributes) {
            self.types.push(name.to_string());
            visit::visit_item(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| plain(&segment.ident)).collect();
        self.note_path_of_several(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, found: &'ast Macro) {
        let is_cfg = found.path.is_ident("cfg");
        self.asks_for_feature |=
            is_cfg && names_a_feature(found.tokens.clone()) || has_feature_attribute(found.tokens.clone());
        self.note_tokens(found.tokens.clone());
        visit::visit_macro(self, found);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let is_cfg = attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr");
        if let Some(list) = attribute.meta.require_list().ok().filter(|_| is_cfg) {
            self.asks_for_feature |= names_a_feature(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }
}

/// An identifier, without `r#`.
fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Whether the tokens of a macro have `feature =` at any depth.
fn has_feature_attribute(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_pair = |pair: &[TokenTree]| matches!(pair, [TokenTree::Ident(name), TokenTree::Punct(equals)] if name == "feature" && equals.as_char() == '=');
    tokens.windows(2).any(is_pair)
        || tokens
            .into_iter()
            .any(|token| matches!(token, TokenTree::Group(group) if has_feature_attribute(group.stream())))
}

fn names_a_feature(tokens: TokenStream) -> bool {
    has_word(tokens, &["feature"])
}

/// Whether one of `words` is among the tokens, at any depth.
pub(crate) fn has_word(tokens: TokenStream, words: &[&str]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word),
        TokenTree::Group(group) => has_word(group.stream(), words),
        _ => false,
    })
}

/// Whether what stands under `attributes` exists for tests alone.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg = attribute.path().is_ident("cfg");
        attribute.path().is_ident("test")
            || is_cfg && attribute.meta.require_list().is_ok_and(|list| asks_for_test(list.tokens.clone()))
    })
}

/// Whether a `cfg` holds in tests only: `test`, or `all(…)` with it.
fn asks_for_test(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(ident)), None) => ident == "test",
        (Some(TokenTree::Ident(ident)), Some(TokenTree::Group(group))) if ident == "all" => {
            let is_test = |token| matches!(token, TokenTree::Ident(ident) if ident == "test");
            group.stream().into_iter().any(is_test)
        }
        _ => false,
    }
}
