/**
 * Tells a screen reader how an answer goes on: a word when it starts and for each tool, the answer once it is whole. The
 * streamed text itself is not live, or every piece of it would be read.
 */
import type { ConversationRun } from "@trueline/client";
import { useEffect, useRef, useState } from "react";
import { sentence } from "../format.ts";
import { plainText } from "./plain-text.ts";

/** Longer answers are announced by their beginning; the rest is there to be read. */
const announcedLength = 600;

/** `runs`: those of the thread, oldest first. */
export function Announcer({ runs }: { readonly runs: readonly ConversationRun[] }) {
  const news = describe(runs.at(-1));
  const first = useRef(news);
  const [said, setSaid] = useState("");
  // What was true when the page was opened is no news.
  useEffect(() => {
    if (news !== first.current) setSaid(news);
  }, [news]);
  return (
    <div className="unseen" aria-live="polite" aria-atomic="true">
      {said}
    </div>
  );
}

function describe(run: ConversationRun | undefined): string {
  switch (run?.state) {
    case undefined:
    case "queued":
      return "";
    case "running": {
      const call = run.toolCalls.at(-1);
      if (call === undefined) return "The agent is working.";
      return call.result === undefined ? `Using ${call.tool}: ${call.purpose}` : "The agent is working on.";
    }
    case "completed":
      return announceAnswer(plainText(run.text));
    case "failed":
      return `No answer. ${sentence(run.failure?.message ?? "")}`;
    case "cancelled":
      return "The answer was stopped.";
  }
}

const announceAnswer = (text: string): string =>
  text.length <= announcedLength
    ? `Answer: ${text}`
    : `The answer is complete. It begins: ${text.slice(0, announcedLength)}…`;
