/**
 * The blocks of a markdown text that grows at its end, as an answer does while it streams. What lies before the last block
 * cannot change any more and is not read again: otherwise each piece of a long answer would cost as much as all of it.
 *
 * Link definitions (`[x]: …`) reach only as far as what is read together; once the answer is complete it is read as a whole.
 */
import { Lexer, type Token } from "marked";
import { closeOpenMarks } from "./open-marks.ts";

export const lexWhole = (text: string): readonly Token[] => Lexer.lex(text, { gfm: true });

export class GrowingBlocks {
  #settledText = "";
  #settled: readonly Token[] = [];

  /** The same for the same text, however it was reached. */
  blocksOf(written: string): readonly Token[] {
    const text = closeOpenMarks(written.replaceAll(/\r\n?/g, "\n"));
    if (!text.startsWith(this.#settledText)) this.#settle([]);
    const blocks = [...this.#settled, ...lexWhole(text.slice(this.#settledText.length))];
    // A list or a quote goes on after an empty line: only the block before the last one is surely over.
    this.#settle(
      blocks.slice(
        0,
        blocks.findLastIndex((block) => block.type !== "space"),
      ),
    );
    return blocks;
  }

  #settle(blocks: readonly Token[]): void {
    this.#settled = blocks;
    this.#settledText = blocks.map((block) => block.raw).join("");
  }
}
