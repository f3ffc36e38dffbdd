/**
 * Drafts to records and records to wire JSON. The envelope is a template, not a JSON.stringify: only `data` can hold
 * characters that need escaping, since ids are our own and `at` is ISO 8601.
 */
import { invariant, isId } from "@trueline/kit";
import { describeIssues, type EventType, eventData, type LogEvent } from "@trueline/protocol";
import type { LogRecord } from "../ports/event-log-store.ts";
import type { EventDraft } from "./event-log.ts";

/** What the body of a `text_delta` is made of. All but the text is shared with its neighbours. */
export interface Delta {
  readonly runId: string;
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
  /** What stands between `at` and the data. */
  readonly envelope: string;
}

export interface EncodedRecord extends LogRecord {
  readonly delta: Delta | undefined;
}

export class Encoder {
  /** The part of the envelope that events of one run share, kept while they follow one another. */
  #shared: { readonly threadId: string; readonly runId: string | null; readonly json: string } | undefined;

  /** Throws with the path of the field when the data does not fit the schema of its type (EV1). */
  encode(draft: EventDraft, now: number): EncodedRecord {
    const { type, threadId, runId } = draft;
    if (this.#shared?.runId !== runId || this.#shared.threadId !== threadId) {
      this.#shared = { threadId, runId, json: envelopeOf(threadId, runId) };
    }
    const at = isoTime(now);
    const envelope = this.#shared.json;
    if (draft.type === "text_delta") {
      const delta = { runId: draft.runId, text: checkedText(draft.data.text), at, envelope };
      return { type, body: deltaBody(delta), delta };
    }
    return { type, body: `"at":"${at}${envelope}${encodeData(draft)}}`, delta: undefined };
  }
}

/** From the end of `at` to the data. */
function envelopeOf(threadId: string, runId: string | null): string {
  invariant(isId("thread", threadId), "a draft's threadId is one of our own");
  invariant(runId === null || isId("run", runId), "a draft's runId is one of our own");
  return `","threadId":"${threadId}","runId":${runId === null ? "null" : `"${runId}"`},"data":`;
}

/** A record with its seq, as it is kept in memory: a delta without its body, which is large and made again at need. */
export interface NumberedRecord {
  readonly seq: number;
  readonly type: EventType;
  readonly body: string | undefined;
  readonly delta: Delta | undefined;
}

export function toWire({ seq, type, body, delta }: NumberedRecord): string {
  return `{"type":"${type}","seq":${seq},${body ?? deltaBody(delta as Delta)}`;
}

export function toEvent(record: NumberedRecord): LogEvent {
  return JSON.parse(toWire(record)) as LogEvent;
}

/** One `text_delta` that stands for several neighbours: the last one's envelope, the range, the joined text. */
export function mergedDelta(last: Delta, firstSeq: number, seq: number, text: string): string {
  return `{"type":"text_delta","firstSeq":${firstSeq},"seq":${seq},${deltaBody(last, text)}`;
}

function deltaBody({ at, envelope, text: own }: Delta, text = own): string {
  return `"at":"${at}${envelope}{"text":${JSON.stringify(text)}}}`;
}

export function readDelta({ type, body }: LogRecord): Delta | undefined {
  if (type !== "text_delta") return undefined;
  const { runId, at, data } = JSON.parse(`{${body}`) as LogEvent<"text_delta">;
  const start = `"at":"${at}`.length;
  const marker = '"data":';
  return { runId, text: data.text, at, envelope: body.slice(start, body.indexOf(marker) + marker.length) };
}

/** The one type that comes by the thousand is checked by hand; its schema says no more than this. */
function checkedText(text: unknown): string {
  invariant(typeof text === "string", "text_delta data.text: expected string");
  return text;
}

function encodeData(draft: EventDraft): string {
  const parsed = eventData[draft.type as EventType].safeParse(draft.data);
  if (!parsed.success)
    throw new Error(`${draft.type} does not fit its schema: data.${describeIssues(parsed.error)}`);
  return JSON.stringify(parsed.data);
}

let lastTime = Number.NaN;
let lastIso = "";

/** `toISOString`, kept for the many events of one millisecond. */
function isoTime(now: number): string {
  if (now !== lastTime) {
    lastTime = now;
    lastIso = new Date(now).toISOString();
  }
  return lastIso;
}
