/** The built-in agent: answers when no model is configured (RN5), and says that it is none. */
import { type Clock, systemClock } from "@trueline/kit";
import type { Agent } from "@trueline/server";
import { defineAgent } from "../define.ts";
import { createOfflineModel } from "./model.ts";
import { offlineTools } from "./tools.ts";

export interface OfflineOptions {
  /** Milliseconds between two words. Default 15; 0: none. */
  readonly pauseMs?: number;
  readonly clock?: Clock;
}

export function offlineAgent({ pauseMs = 15, clock = systemClock }: OfflineOptions = {}): Agent {
  return defineAgent({
    name: "offline",
    description: "Works things out, tells dates and times, and searches your threads. Not a language model.",
    instructions: "Follow the built-in rules.",
    model: createOfflineModel({ pauseMs }),
    tools: offlineTools(clock),
  });
}
