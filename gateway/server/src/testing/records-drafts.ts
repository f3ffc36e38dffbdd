/** Messages and outcomes for tests of `Records`, complete but for what a test says. */
import { newId, type ThreadId } from "@trueline/kit";
import { expect } from "vitest";
import type { AcceptMessage, UserRecords } from "../ports/records.ts";

export function draft(parts: Partial<AcceptMessage>): AcceptMessage & { threadId: ThreadId } {
  const thread = parts.thread ?? { create: newId("thread"), title: "a title" };
  return {
    clientId: crypto.randomUUID(),
    text: "hello",
    messageId: newId("message"),
    runId: newId("run"),
    agent: "offline",
    logSeq: 0,
    at: 1_000,
    run: { state: "running" },
    ...parts,
    thread,
    threadId: "create" in thread ? thread.create : thread.existing,
  };
}

export async function accepted(
  user: UserRecords,
  parts: Partial<AcceptMessage>,
): Promise<ReturnType<typeof draft>> {
  const message = draft(parts);
  expect(await user.accept(message)).toEqual({ kind: "accepted" });
  return message;
}

export const completed = (text: string) =>
  ({ state: "completed", messageId: newId("message"), text, durationMs: 12 }) as const;
