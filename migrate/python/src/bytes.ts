/**
 * What the bytes of a Python source mean to its scanner. Every encoding that the scanner reads keeps ASCII where it is, so
 * all of Python's punctuation can be found without decoding.
 */

export const byte = {
  tab: 9,
  lineFeed: 10,
  formFeed: 12,
  carriageReturn: 13,
  space: 32,
  doubleQuote: 34,
  hash: 35,
  singleQuote: 39,
  openParen: 40,
  closeParen: 41,
  star: 42,
  comma: 44,
  dot: 46,
  colon: 58,
  semicolon: 59,
  equals: 61,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  openBrace: 123,
  closeBrace: 125,
} as const;

/** What the scanner must do at a byte. Everything that is not named here is `passing`: names, numbers, operators. */
export const role = {
  passing: 0,
  newline: 1,
  quote: 2,
  comment: 3,
  open: 4,
  close: 5,
  backslash: 6,
  separator: 7,
} as const;

export const roles = tabulate((value) => {
  const found = Object.entries(roleBytes()).find(([, bytes]) => bytes.includes(value));
  return found ? role[found[0] as keyof typeof role] : role.passing;
});

/** 1 for bytes of a name. Bytes from 128 on belong to one: Python allows nothing else there outside strings and comments. */
export const nameBytes = tabulate((value) =>
  value >= 128 || /[A-Za-z0-9_]/.test(String.fromCharCode(value)) ? 1 : 0,
);

/** Whether a keyword that opens a block can begin with this byte: most lines begin with another. */
export const mayOpenBlock = (value: number): boolean => blockLetters[value] === 1;

/** The bracket that closes an opening one. */
export const closing = (open: number): number => (open === byte.openParen ? byte.closeParen : open + 2);

const blockLetters = tabulate((value) => ("acdefimtw".includes(String.fromCharCode(value)) ? 1 : 0));

function roleBytes(): Readonly<Record<string, readonly number[]>> {
  return {
    newline: [byte.lineFeed, byte.carriageReturn],
    quote: [byte.doubleQuote, byte.singleQuote],
    comment: [byte.hash],
    open: [byte.openParen, byte.openBracket, byte.openBrace],
    close: [byte.closeParen, byte.closeBracket, byte.closeBrace],
    backslash: [byte.backslash],
    separator: [byte.colon, byte.semicolon],
  };
}

function tabulate(of: (value: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => of(value));
}
