/** What the server owes this client now: answers to requests, and the rest of open runs. Kept by connect.ts. */
import type { ServerFrame, WelcomeFrame } from "@trueline/protocol/wire";
import { isLastOfRun } from "./ask.ts";

export class Owed {
  #requests = 0;
  readonly #runs = new Set<string>();

  get any(): boolean {
    return this.#requests > 0 || this.#runs.size > 0;
  }

  /** A request is owed its answer until it is settled, either way. */
  request<T>(answer: Promise<T>): Promise<T> {
    this.#requests++;
    return answer.finally(() => {
      this.#requests--;
    });
  }

  /** What was open before is known only where events follow on what was seen. */
  welcome({ resumed }: WelcomeFrame): void {
    if (resumed !== "replayed") this.#runs.clear();
  }

  frame(frame: ServerFrame): void {
    if (frame.type === "reset") this.#runs.clear();
    if (!("runId" in frame) || !("seq" in frame) || frame.runId === null) return;
    if (isLastOfRun(frame)) this.#runs.delete(frame.runId);
    else this.#runs.add(frame.runId);
  }
}
