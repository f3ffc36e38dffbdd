/**
 * One place in the code that reaches a target: by which form, and how sure we are (SC1, SC2).
 */
import type { Span } from "./span.ts";

export const pythonForms = [
  { form: "import", says: "`import a.b`: binds the first segment of the path." },
  { form: "import-as", says: "`import a.b as c`: binds the module itself." },
  { form: "from-import", says: "`from a import b`: binds a name of the module, or a module of the package." },
  { form: "from-import-as", says: "`from a.b import X as Y`: the same under another name." },
  { form: "star-import", says: "`from a import *`: binds what `__all__` lists, or every public name." },
  { form: "attribute", says: "`a.b.X`: a chain of attributes from a bound name." },
  { form: "re-export", says: "A name that a module imports and gives on, by `__init__` or `__all__`." },
  { form: "name", says: "A bound name where it is used: called, passed on, assigned." },
  { form: "annotation", says: "A use as the type of a parameter, a result or a variable." },
  { form: "quoted-annotation", says: "The same, written as a string." },
  { form: "base-class", says: "`class Y(X)`: the symbol is subclassed." },
  { form: "isinstance", says: "`isinstance(value, X)` and `issubclass(Y, X)`: a use as a type at run time." },
  { form: "decorator", says: "`@X`: the symbol decorates." },
  { form: "patch", says: '`mock.patch("a.b.X")`: a path in a string that is looked up when it runs.' },
  { form: "patch-object", says: '`patch.object(a.b, "X")`: a name in a string on a bound object.' },
  { form: "monkeypatch", says: '`monkeypatch.setattr("a.b.X", value)` or on a bound object.' },
  { form: "mock-spec", says: "`Mock(spec=X)`: the shape of a class, as a type." },
  { form: "import-module", says: '`importlib.import_module("a.b")`: a module by its path in a string.' },
  { form: "dunder-import", says: '`__import__("a.b")`: the same, by the built-in function.' },
  { form: "sys-modules", says: '`sys.modules["a.b"]`: a module by its path, when it is loaded.' },
  { form: "entry-point", says: "`a.b:X` in TOML or CFG: an installer or a framework imports it." },
  { form: "string", says: "Any other string that is the path: data, until the policy says otherwise." },
] as const;
export type PythonForm = (typeof pythonForms)[number]["form"];

export const certainties = [
  { certainty: "proven", says: "A binding, resolved through scopes and re-exports." },
  { certainty: "probable", says: "A string that is the path." },
  { certainty: "unresolvable", says: "Built when the program runs." },
] as const;
export type Certainty = (typeof certainties)[number]["certainty"];

export interface Access {
  /** Path from the repository's root, with `/`. */
  readonly file: string;
  readonly span: Span;
  readonly form: PythonForm;
  readonly certainty: Certainty;
  /** Name of the target in the policy. */
  readonly target: string;
  /** The way taken: the dotted path as the code reaches it. */
  readonly path: string;
  readonly compliant: boolean;
  /** The policy's reason, where it lets this access be. */
  readonly exempt?: string;
}
