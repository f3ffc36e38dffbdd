import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calculate } from "../../src/offline/arithmetic.ts";
import { ArithmeticError, formatFraction } from "../../src/offline/fraction.ts";

const shown = (expression: string) => formatFraction(calculate(expression)).text;

describe("arithmetic", () => {
  it.each([
    ["1 + 2 * 3", "7"],
    ["(1 + 2) * 3", "9"],
    ["10 - 4 - 3", "3"],
    ["100 / 10 / 2", "5"],
    ["2 ^ 3 ^ 2", "512"],
    ["-2 ^ 2", "-4"],
    ["2 ^ -2", "0.25"],
    ["0.1 + 0.2", "0.3"],
    ["1 / 3", "0.333333333333"],
    ["2 / 3", "0.666666666667"],
    ["-1 / 3", "-0.333333333333"],
    ["12.5% of 80", "10"],
    ["50 + 10%", "50.1"],
    ["7 mod 3", "1"],
    ["-7 mod 3", "2"],
    ["5!", "120"],
    ["2(3 + 4)", "14"],
    ["3 × 4 ÷ 2 − 1", "5"],
    ["1,000 * 3", "3000"],
    ["sqrt 16 + sqrt(2)", "5.414213562373"],
    ["√9", "3"],
    ["max(100,200, 50) - min(1, 2)", "199"],
    ["round(2.5) + floor(-1.5) + ceil(1.2) + abs(-3)", "6"],
    ["1e3 + 1.5e-1", "1000.15"],
    ["2 ^ 100", "1267650600228229401496703205376"],
    ["2 ^ 0.5", "1.414213562373"],
    ["2 * pi", "6.28318530718"],
  ])("RN5: %s is %s", (expression, expected) => {
    expect(shown(expression)).toBe(expected);
  });

  it.each([
    ["1 / 0", "Division by zero"],
    ["(1 + 2", "not closed"],
    ["1 +", "ends too early"],
    ["1 2", "did not expect “2”"],
    ["2 + constructor", "do not know “constructor”"],
    ["sqrt(-1)", "negative"],
    ["9 ^ 9 ^ 9", "digits"],
    ["1e99999", "too large"],
    ["501!", "from 0 to 500"],
    ["process.exit()", "cannot read “.exit()”"],
    ["process(1)", "do not know “process”"],
    ["1; 2", "cannot read “; 2”"],
    ["", "ends too early"],
  ])("RN5: %s is refused with what is wrong", (expression, message) => {
    expect(() => calculate(expression)).toThrow(ArithmeticError);
    expect(() => calculate(expression)).toThrow(message);
  });

  it("RN5: what would take too long is refused, not tried", () => {
    expect(() => calculate("(".repeat(400))).toThrow("nested too deeply");
    expect(() => calculate(`${"2^".repeat(240)}2`)).toThrow("nested too deeply");
    expect(() => calculate("1".repeat(501))).toThrow("at most 500");
  });

  it("RN5: agrees with the machine's own arithmetic on whole numbers", () => {
    const number = fc.integer({ min: 0, max: 999 }).map(String);
    const { expression } = fc.letrec<{ expression: string; group: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 5 },
        number,
        fc
          .tuple(tie("expression"), fc.constantFrom("+", "-", "*"), tie("expression"))
          .map((parts) => parts.join(" ")),
        tie("group"),
      ),
      group: tie("expression").map((inner) => `(${inner})`),
    }));
    fc.assert(
      fc.property(expression, (text) => {
        fc.pre(text.length <= 400);
        const exact = BigInt(Function(`return ${text.replace(/\d+/g, "$&n")}`)());
        expect(shown(text)).toBe(`${exact}`);
      }),
    );
  });

  it("RN5: any text is answered or refused, never more", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."0123456789.+-*/^%()!, emodsqrtpi"), maxLength: 40 }),
        (text) => {
          try {
            formatFraction(calculate(text));
          } catch (error) {
            expect(error).toBeInstanceOf(ArithmeticError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
