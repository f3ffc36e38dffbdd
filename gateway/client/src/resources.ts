/** The HTTP calls of the wire contract that a client offers. */
import type { AgentView, RunView, ThreadView } from "@trueline/protocol/wire";
import type { UserHttp } from "./http.ts";
import type { Threads } from "./types.ts";

export function threadCalls(http: UserHttp): Threads {
  const at = (id: string): string => `/v1/threads/${encodeURIComponent(id)}`;
  return {
    list: (signal) => http.call({ method: "GET", path: "/v1/threads", signal }),
    get: (id, signal) => http.call({ method: "GET", path: at(id), signal }),
    create: (title) =>
      http.call<ThreadView>({
        method: "POST",
        path: "/v1/threads",
        body: title === undefined ? {} : { title },
      }),
    rename: (id, title) => http.call<ThreadView>({ method: "PATCH", path: at(id), body: { title } }),
    delete: (id) => http.call<void>({ method: "DELETE", path: at(id) }),
  };
}

export async function getAgents(http: UserHttp): Promise<readonly AgentView[]> {
  const { agents } = await http.call<{ agents: AgentView[] }>({ method: "GET", path: "/v1/agents" });
  return agents;
}

export const getRun = (http: UserHttp, id: string): Promise<RunView> =>
  http.call({ method: "GET", path: `/v1/runs/${encodeURIComponent(id)}` });

export async function getTicket(http: UserHttp): Promise<string> {
  const { ticket } = await http.call<{ ticket: string }>({ method: "POST", path: "/v1/auth/ticket" });
  return ticket;
}
