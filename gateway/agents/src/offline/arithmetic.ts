/**
 * Arithmetic in the usual notation, read and worked out exactly: + − × ÷ ^ with their precedence, brackets, percent,
 * `mod`, and a few functions. Evaluates nothing but numbers; input is bounded, so it cannot be made to hang.
 */
import {
  ArithmeticError,
  add,
  compare,
  divide,
  type Fraction,
  floor,
  fraction,
  modulo,
  multiply,
  negate,
  parseFraction,
  power,
  squareRoot,
  subtract,
} from "./fraction.ts";

const longestExpression = 500;
const deepestNesting = 100;

/** Throws an `ArithmeticError` whose message says what is wrong, and where. */
export function calculate(expression: string): Fraction {
  if (expression.length > longestExpression) {
    throw new ArithmeticError(`An expression may have at most ${longestExpression} characters.`);
  }
  const reader = new Reader(tokenize(normalize(expression)));
  const value = reader.sum();
  reader.expectEnd();
  return value;
}

type Token = { readonly kind: "number" | "name" | "sign"; readonly text: string };

const normalize = (expression: string): string =>
  expression
    .replace(/[×·]/g, "*")
    .replace(/÷/g, "/")
    .replace(/[−–]/g, "-")
    .replace(/\*\*/g, "^")
    .replace(/√/g, "sqrt ")
    .replace(/π/g, "pi ")
    // 1,000 is a thousand, but not between the brackets of a function of several numbers.
    .replace(/\b(?:min|max)\s*\(.*|(?<=\d),(?=\d{3}(?!\d))/gi, (match) => (match === "," ? "" : match));

function tokenize(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|([a-z]+)|([-+*/^%(),!]))/giy;
  let end = 0;
  for (let match = pattern.exec(expression); match !== null; match = pattern.exec(expression)) {
    const [, number, name, sign] = match;
    end = pattern.lastIndex;
    if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (name !== undefined) tokens.push({ kind: "name", text: name.toLowerCase() });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
  }
  const rest = expression.slice(end).trim();
  if (rest !== "") throw new ArithmeticError(`I cannot read “${rest.slice(0, 20)}”.`);
  return tokens;
}

const functions: Record<string, (args: readonly Fraction[]) => Fraction> = {
  sqrt: one(squareRoot),
  abs: one((a) => (compare(a, fraction(0n)) < 0 ? negate(a) : a)),
  floor: one(floor),
  ceil: one((a) => negate(floor(negate(a)))),
  round: one((a) => floor(add(a, fraction(1n, 2n)))),
  min: (args) => args.reduce((a, b) => (compare(a, b) <= 0 ? a : b)),
  max: (args) => args.reduce((a, b) => (compare(a, b) >= 0 ? a : b)),
};

const constants: Record<string, Fraction> = {
  pi: parseFraction("3.14159265358979323846264338327950288"),
  e: parseFraction("2.71828182845904523536028747135266249"),
};

function one(work: (a: Fraction) => Fraction): (args: readonly Fraction[]) => Fraction {
  return (args) => {
    const [first] = args;
    if (first === undefined || args.length > 1) throw new ArithmeticError("This function takes one number.");
    return work(first);
  };
}

/** Recursive descent, a method per level of precedence, loosest first. */
class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  sum(): Fraction {
    this.#depth += 1;
    if (this.#depth > deepestNesting) throw new ArithmeticError("The brackets are nested too deeply.");
    let value = this.#product();
    for (;;) {
      if (this.#take("+")) value = add(value, this.#product());
      else if (this.#take("-")) value = subtract(value, this.#product());
      else break;
    }
    this.#depth -= 1;
    return value;
  }

  expectEnd(): void {
    const token = this.#tokens[this.#at];
    if (token !== undefined) throw new ArithmeticError(`I did not expect “${token.text}” there.`);
  }

  #product(): Fraction {
    let value = this.#signed();
    for (;;) {
      if (this.#take("*") || this.#take("of")) value = multiply(value, this.#signed());
      else if (this.#take("/")) value = divide(value, this.#signed());
      else if (this.#take("mod")) value = modulo(value, this.#signed());
      else if (this.#peek()?.text === "(") value = multiply(value, this.#signed());
      else return value;
    }
  }

  #signed(): Fraction {
    let negative = false;
    for (;;) {
      if (this.#take("-")) negative = !negative;
      else if (!this.#take("+")) break;
    }
    const value = this.#raised();
    return negative ? negate(value) : value;
  }

  /** Binds tighter than the sign before it, and to the right: -2^2 is -4, 2^3^2 is 512. */
  #raised(): Fraction {
    const base = this.#suffixed();
    if (!this.#take("^")) return base;
    this.#depth += 1;
    if (this.#depth > deepestNesting) throw new ArithmeticError("The powers are nested too deeply.");
    const value = power(base, this.#signed());
    this.#depth -= 1;
    return value;
  }

  #suffixed(): Fraction {
    let value = this.#atom();
    for (;;) {
      if (this.#take("%")) value = divide(value, fraction(100n));
      else if (this.#take("!")) value = factorial(value);
      else return value;
    }
  }

  #atom(): Fraction {
    const token = this.#peek();
    if (token === undefined) throw new ArithmeticError("The expression ends too early.");
    this.#at += 1;
    if (token.kind === "number") return parseFraction(token.text);
    if (token.kind === "name") return this.#named(token.text);
    if (token.text !== "(") throw new ArithmeticError(`I did not expect “${token.text}” there.`);
    const value = this.sum();
    this.#close();
    return value;
  }

  #named(name: string): Fraction {
    const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
    if (constant !== undefined) return constant;
    const work = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (work === undefined) throw new ArithmeticError(`I do not know “${name}”.`);
    if (!this.#take("(")) return work([this.#suffixed()]);
    const args = [this.sum()];
    while (this.#take(",")) args.push(this.sum());
    this.#close();
    return work(args);
  }

  #close(): void {
    if (!this.#take(")")) throw new ArithmeticError("A bracket is not closed.");
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #take(text: string): boolean {
    if (this.#peek()?.text !== text) return false;
    this.#at += 1;
    return true;
  }
}

function factorial(value: Fraction): Fraction {
  const count = value.numerator;
  if (value.denominator !== 1n || count < 0n || count > 500n) {
    throw new ArithmeticError("A factorial is of a whole number from 0 to 500.");
  }
  let product = 1n;
  for (let factor = 2n; factor <= count; factor++) product *= factor;
  return fraction(product);
}
