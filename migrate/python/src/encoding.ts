/**
 * How the bytes of a Python source become text: byte order mark, PEP 263 declaration, and what each encoding means for the
 * scanner. Never decodes a whole file. Called by scan.ts once per file.
 */
import { isAscii, isUtf8 } from "node:buffer";

/** `unit` says what a byte is: of UTF-8, a whole character, or a part of one that only its decoder knows. */
export type Encoding =
  | { readonly unit: "utf-8"; readonly name: "utf-8"; readonly bom: boolean }
  | { readonly unit: "byte"; readonly name: string; readonly decoder: string }
  | { readonly unit: "multibyte"; readonly name: string; readonly decoder: string };

export interface EncodingFault {
  /** Offset of the byte at fault. */
  readonly start: number;
  readonly detail: string;
}

export interface DetectedEncoding {
  readonly encoding: Encoding;
  /** Offset of the first byte of text: 3 after a byte order mark. */
  readonly textStart: number;
  readonly fault?: EncodingFault;
}

const utf8: Encoding = { unit: "utf-8", name: "utf-8", bom: false };
const utf8WithMark: Encoding = { unit: "utf-8", name: "utf-8", bom: true };

export function detectEncoding(bytes: Buffer): DetectedEncoding {
  const marked = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const textStart = marked ? 3 : 0;
  const declared = readDeclaration(bytes, textStart);
  if (!declared) return checkUtf8(bytes, marked, textStart);
  const encoding = knownEncoding(declared.name);
  if (encoding === utf8) return checkUtf8(bytes, marked, textStart);
  if (marked) return faulty(textStart, declared.start, `a byte order mark, and declared as ${declared.name}`);
  if (!encoding)
    return faulty(textStart, declared.start, `declared as ${declared.name}, which is not read here`);
  return encoding.name === "ascii" ? checkAscii(bytes, encoding) : { encoding, textStart };
}

/** Text of a range of bytes, as Python sees it. */
export function decode(bytes: Buffer, encoding: Encoding, start: number, end: number): string {
  const part = bytes.subarray(start, end);
  if (isAscii(part)) return part.toString("latin1");
  return encoding.unit === "utf-8" ? part.toString("utf8") : new TextDecoder(encoding.decoder).decode(part);
}

/** Number of characters (code points) in a range of bytes. */
export function countCharacters(bytes: Buffer, encoding: Encoding, start: number, end: number): number {
  if (encoding.unit === "byte") return end - start;
  if (encoding.unit === "multibyte") return [...decode(bytes, encoding, start, end)].length;
  let count = 0;
  for (let at = start; at < end; at++) if (((bytes[at] as number) & 0xc0) !== 0x80) count++;
  return count;
}

function checkUtf8(bytes: Buffer, marked: boolean, textStart: number): DetectedEncoding {
  const detected = { encoding: marked ? utf8WithMark : utf8, textStart };
  if (isUtf8(bytes)) return detected;
  return { ...detected, fault: { start: firstInvalid(bytes), detail: "not valid UTF-8" } };
}

function checkAscii(bytes: Buffer, encoding: Encoding): DetectedEncoding {
  const start = bytes.findIndex((value) => value >= 128);
  if (start < 0) return { encoding, textStart: 0 };
  return { encoding, textStart: 0, fault: { start, detail: "not ASCII, as which the file is declared" } };
}

const faulty = (textStart: number, start: number, detail: string): DetectedEncoding => ({
  encoding: utf8,
  textStart,
  fault: { start, detail },
});

/** Offset of the first byte that belongs to no UTF-8 character, by halving: `isUtf8` is far faster than a loop. */
function firstInvalid(bytes: Buffer): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = startOfCharacter(bytes, valid, (valid + invalid) >> 1);
    if (middle <= valid) break;
    if (isUtf8(bytes.subarray(valid, middle))) valid = middle;
    else invalid = middle;
  }
  for (let length = 1; length > 0; valid += length) length = characterLength(bytes, valid);
  return valid;
}

/** Bytes of the valid character at `at`; 0 when there is none. */
function characterLength(bytes: Buffer, at: number): number {
  const lengths = [1, 2, 3, 4].filter((length) => at + length <= bytes.length);
  return lengths.find((length) => isUtf8(bytes.subarray(at, at + length))) ?? 0;
}

function startOfCharacter(bytes: Buffer, from: number, at: number): number {
  let start = at;
  while (start > from && at - start < 3 && ((bytes[start] as number) & 0xc0) === 0x80) start--;
  return start;
}

/** PEP 263: a comment on the first or second line; on the second only when the first has nothing but a comment. */
function readDeclaration(bytes: Buffer, textStart: number): { name: string; start: number } | undefined {
  const head = bytes.toString("latin1", textStart, Math.min(bytes.length, textStart + 1000));
  if (!head.includes("coding")) return undefined;
  let start = textStart;
  for (const line of head.split(/(?<=\r\n|\n|\r(?!\n))/, 2)) {
    const name = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/.exec(line)?.[1];
    if (name !== undefined) return { name, start };
    if (!/^[ \t\f]*(?:#|[\r\n]|$)/.test(line)) return undefined;
    start += line.length;
  }
  return undefined;
}

const singleByte =
  /^(?:(?:iso-?)?8859-\d+|iso8859-\d+|latin-?\d+|l\d|iso-latin-\d|(?:windows-|cp)125\d|(?:cp|ibm)?(?:437|850|852|866|874)|koi8-[rut]|mac-[a-z]+)$/;
const multibyte = /^(?:euc-(?:jp|kr|cn)|ujis|gb2312)$/;

function knownEncoding(declared: string): Encoding | undefined {
  const name = declared.toLowerCase().replaceAll("_", "-");
  if (/^(?:utf-?8|u8|utf)(?:-.*)?$/.test(name)) return utf8;
  if (name === "ascii" || name === "us-ascii") return { unit: "byte", name: "ascii", decoder: "latin1" };
  if (/^(?:latin-?1|iso-?8859-1|iso-latin-1|l1)(?:-.*)?$/.test(name)) {
    return { unit: "byte", name, decoder: "latin1" };
  }
  if (singleByte.test(name)) return { unit: "byte", name, decoder: decoderLabel(name) };
  return multibyte.test(name) ? { unit: "multibyte", name, decoder: decoderLabel(name) } : undefined;
}

/** The WHATWG label of a Python codec; `latin1` where it has none, which is right for all but the text of odd names. */
function decoderLabel(name: string): string {
  const label = name.replace(/^cp(125\d)$/, "windows-$1").replace(/^(?:iso-?)?8859-/, "iso-8859-");
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    if (error instanceof RangeError) return "latin1";
    throw error;
  }
}
