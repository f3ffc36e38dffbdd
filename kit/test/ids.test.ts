import { isId, newId, randomToken } from "@trueline/kit";
import { expect, it } from "vitest";

it("IS2: no two of ten thousand ids are alike, and each says what it names", () => {
  const ids = Array.from({ length: 10_000 }, () => newId("thread"));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id) => isId("thread", id) && id.length === "thr_".length + 22)).toBe(true);
});

it("AU5: tokens of every length are random all through, whatever was asked for before", () => {
  const lengths = [1, 9, 16, 32, 4095, 4096, 16];
  const tokens = lengths.map((bytes) => atob(randomToken(bytes).replaceAll("-", "+").replaceAll("_", "/")));
  expect(tokens.map((token) => token.length)).toEqual(lengths);
  // A supply that gave out what it had wiped would show as zeros.
  expect(tokens.filter((token) => token.length > 8).every((token) => !token.includes("\0".repeat(4)))).toBe(
    true,
  );
});
