/** Exact numbers: fractions of whole numbers without a size limit of their own, so that 0.1 + 0.2 is 0.3. */
export interface Fraction {
  readonly numerator: bigint;
  /** More than 0, and without a common factor with the numerator. */
  readonly denominator: bigint;
}

/** A calculation that has no answer, or one too large to be worth it. The message is for a person. */
export class ArithmeticError extends Error {
  override readonly name = "ArithmeticError";
}

/** Digits of the largest number that is worked with. */
const mostDigits = 2_000;
/** Digits after the point in which a number is written that has no end. */
const shownDecimals = 12;

export function fraction(numerator: bigint, denominator = 1n): Fraction {
  if (denominator === 0n) throw new ArithmeticError("Division by zero has no answer.");
  const sign = denominator < 0n ? -1n : 1n;
  const factor = greatestCommonDivisor(numerator, denominator);
  const reduced = { numerator: (sign * numerator) / factor, denominator: (sign * denominator) / factor };
  const bound = 10n ** BigInt(mostDigits);
  if (magnitude(reduced.numerator) > bound || reduced.denominator > bound) {
    throw new ArithmeticError(`The numbers grow longer than ${mostDigits} digits.`);
  }
  return reduced;
}

/** `12`, `3.25`, `.5`, `1e-3`. */
export function parseFraction(text: string): Fraction {
  const match = /^(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text);
  const [, whole = "", decimals = "", exponent = "0"] = match ?? [];
  if (whole + decimals === "") throw new ArithmeticError(`${text} is not a number.`);
  const power = Number(exponent) - decimals.length;
  if (Math.abs(power) > mostDigits) throw new ArithmeticError(`${text} is too large or too small.`);
  const digits = BigInt(whole + decimals);
  return power >= 0 ? fraction(digits * 10n ** BigInt(power)) : fraction(digits, 10n ** BigInt(-power));
}

export const add = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
export const negate = (a: Fraction): Fraction => fraction(-a.numerator, a.denominator);
export const subtract = (a: Fraction, b: Fraction): Fraction => add(a, negate(b));
export const multiply = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.numerator, a.denominator * b.denominator);
export const divide = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.denominator, a.denominator * b.numerator);
export const compare = (a: Fraction, b: Fraction): number => {
  const difference = subtract(a, b).numerator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** The largest whole number that is not larger. */
export function floor(a: Fraction): Fraction {
  const whole = a.numerator / a.denominator;
  return fraction(a.numerator < 0n && whole * a.denominator !== a.numerator ? whole - 1n : whole);
}

/** What is left of `a` after taking `b` away as often as it fits; it has the sign of `b`. */
export const modulo = (a: Fraction, b: Fraction): Fraction => subtract(a, multiply(b, floor(divide(a, b))));

/** Exact for whole exponents; otherwise as exact as a floating-point number. */
export function power(base: Fraction, exponent: Fraction): Fraction {
  if (exponent.denominator !== 1n) return fromNumber(toNumber(base) ** toNumber(exponent));
  const times = magnitude(exponent.numerator);
  const digits = Math.max(`${magnitude(base.numerator)}`.length, `${base.denominator}`.length);
  const trivial = base.denominator === 1n && magnitude(base.numerator) <= 1n;
  if (!trivial && times * BigInt(digits) > BigInt(4 * mostDigits)) {
    throw new ArithmeticError(`The numbers grow longer than ${mostDigits} digits.`);
  }
  const exact = trivial ? 2n - (times % 2n) : times;
  const raised = fraction(base.numerator ** exact, base.denominator ** exact);
  if (times === 0n) return fraction(1n);
  return exponent.numerator < 0n ? divide(fraction(1n), raised) : raised;
}

export function squareRoot(a: Fraction): Fraction {
  if (a.numerator < 0n)
    throw new ArithmeticError("A negative number has no square root among the real numbers.");
  const numerator = wholeRoot(a.numerator);
  const denominator = wholeRoot(a.denominator);
  if (numerator ** 2n === a.numerator && denominator ** 2n === a.denominator)
    return fraction(numerator, denominator);
  // Enough decimals for what is shown, and some more to round by.
  const scale = 10n ** BigInt(shownDecimals + 6);
  return fraction(wholeRoot((a.numerator * scale ** 2n) / a.denominator), scale);
}

export function fromNumber(value: number): Fraction {
  if (!Number.isFinite(value)) throw new ArithmeticError("The result is not a number that can be written.");
  const scale = 10 ** Math.max(0, 15 - Math.ceil(Math.log10(Math.abs(value) + 1)));
  return fraction(BigInt(Math.round(value * scale)), BigInt(scale));
}

export const toNumber = (a: Fraction): number => Number(a.numerator) / Number(a.denominator);

/** Whole numbers with all their digits, others with at most twelve decimals; `≈` where that is not all of it. */
export function formatFraction(a: Fraction): { readonly text: string; readonly exact: boolean } {
  const scale = 10n ** BigInt(shownDecimals);
  const scaled = magnitude(a.numerator) * scale * 2n + a.denominator;
  const rounded = scaled / (a.denominator * 2n);
  const sign = a.numerator < 0n && rounded !== 0n ? "-" : "";
  const decimals = (rounded % scale).toString().padStart(shownDecimals, "0").replace(/0+$/, "");
  const exact = (magnitude(a.numerator) * scale) % a.denominator === 0n;
  return { text: `${sign}${rounded / scale}${decimals === "" ? "" : `.${decimals}`}`, exact };
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [left, right] = [magnitude(a), magnitude(b)];
  while (right !== 0n) [left, right] = [right, left % right];
  return left === 0n ? 1n : left;
}

/** The largest whole number whose square is not larger (Newton). */
function wholeRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
