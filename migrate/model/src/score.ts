/** Shares of compliant accesses, always with the counts behind them (SS1). */

export const scoreCategories = [
  { name: "fragmentation", says: "Accesses by the canonical path, of all accesses." },
  { name: "deprecated", says: "Deprecated exports that are gone, of all that the policy names." },
  { name: "duplicates", says: "Symbols with one definition, of all symbols of the targets." },
  { name: "bypass", says: "Constructions through the factory, of all constructions." },
  { name: "broken", says: "Imports that resolve, of all that point into the repository." },
  { name: "goldenPath", says: "Modules of the golden path without a violation, of all its modules." },
] as const;
export type ScoreCategory = (typeof scoreCategories)[number]["name"];

export interface CategoryScore {
  readonly name: ScoreCategory;
  readonly compliant: number;
  readonly all: number;
}

export interface Score {
  /** Weighted mean of the categories, from 0 to 1. */
  readonly score: number;
  readonly categories: readonly CategoryScore[];
}
