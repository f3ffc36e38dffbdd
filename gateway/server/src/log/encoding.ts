/**
 * Drafts to records and records to wire JSON. The envelope is a template, not a JSON.stringify: only `data` can hold
 * characters that need escaping, since ids are our own and `at` is ISO 8601.
 */
import { invariant, isId } from "@trueline/kit";
import { describeIssues, type EventType, eventData, type LogEvent } from "@trueline/protocol";
import type { LogRecord } from "../ports/event-log-store.ts";
import type { EventDraft } from "./event-log.ts";

/** Run and text of a `text_delta`: what merging needs, so that the body is not parsed again for it. */
export interface Delta {
  readonly runId: string;
  readonly text: string;
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
      this.#shared = { threadId, runId, json: envelope(threadId, runId) };
    }
    const body = `"at":"${isoTime(now)}${this.#shared.json}${encodeData(draft)}}`;
    return {
      type,
      body,
      delta: draft.type === "text_delta" ? { runId: draft.runId, text: draft.data.text } : undefined,
    };
  }
}

/** From the end of `at` to the data. */
function envelope(threadId: string, runId: string | null): string {
  invariant(isId("thread", threadId), "a draft's threadId is one of our own");
  invariant(runId === null || isId("run", runId), "a draft's runId is one of our own");
  return `","threadId":"${threadId}","runId":${runId === null ? "null" : `"${runId}"`},"data":`;
}

export const toWire = (record: LogRecord, seq: number): string =>
  `{"type":"${record.type}","seq":${seq},${record.body}`;

export function toEvent(record: LogRecord, seq: number): LogEvent {
  return JSON.parse(toWire(record, seq)) as LogEvent;
}

/** One `text_delta` that stands for several neighbours: the last one's envelope, the range, the joined text. */
export function mergedDelta(last: LogRecord, firstSeq: number, seq: number, text: string): string {
  const envelope = last.body.slice(0, last.body.indexOf(',"data":'));
  return `{"type":"text_delta","firstSeq":${firstSeq},"seq":${seq},${envelope},"data":{"text":${JSON.stringify(text)}}}`;
}

export function readDelta(record: LogRecord): Delta | undefined {
  if (record.type !== "text_delta") return undefined;
  const event = JSON.parse(`{${record.body}`) as LogEvent<"text_delta">;
  return { runId: event.runId, text: event.data.text };
}

function encodeData(draft: EventDraft): string {
  // The one type that comes by the thousand is checked by hand; its schema says no more than this.
  if (draft.type === "text_delta") {
    invariant(typeof draft.data.text === "string", "text_delta data.text: expected string");
    return `{"text":${JSON.stringify(draft.data.text)}}`;
  }
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
