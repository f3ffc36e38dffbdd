/** The first event of a run, once (EV2): also of one that ends before it came to execute, and of one whose log was lost. */
import type { LiveRun } from "./live-run.ts";
import type { RunsOptions } from "./runs.ts";

/** True when it was not there yet. */
export async function startOnce(run: LiveRun, { agents }: RunsOptions): Promise<boolean> {
  if (run.events.history.started) return false;
  const agent = agents.find(run.row.agent);
  await run.events.emit("agent_started", {
    agent: run.row.agent,
    model: agent?.model.id ?? "none",
    description: agent?.description ?? "This agent is not registered any more.",
  });
  return true;
}
