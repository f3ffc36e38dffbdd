/** Search in the messages of the user whose run it is: what a tool gets of the records, and all that it gets (IS1). */
import type { ThreadId } from "@trueline/kit";
import type { ToolContext } from "../ports/model.ts";
import type { LiveRun } from "./live-run.ts";
import type { RunsOptions } from "./runs.ts";

/** The question itself is not among the answers. */
export function searchMessages(run: LiveRun, options: RunsOptions): Pick<ToolContext, "searchMessages"> {
  const { records } = options;
  return {
    searchMessages: async (query, limit) => {
      const found = await records.searchMessages(query, limit + 10);
      const rows = found.filter((message) => message.runId !== run.id).slice(0, limit);
      const titles = new Map<ThreadId, string>();
      for (const { threadId } of rows) {
        if (titles.has(threadId)) continue;
        titles.set(threadId, (await records.getThread(threadId))?.title ?? "");
      }
      return rows.map((row) => ({
        threadTitle: titles.get(row.threadId) ?? "",
        role: row.role,
        text: row.text,
        at: row.createdAt,
      }));
    },
  };
}
