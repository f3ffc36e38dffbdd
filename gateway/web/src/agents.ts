/** The agents of this gateway, and the one that a thread is talked in with. */
import type { AgentView } from "@trueline/client";
import { useClient } from "@trueline/client/react";
import { useEffect, useState } from "react";
import { readStored, writeStored } from "./stored.ts";

export interface AgentChoice {
  readonly agents: readonly AgentView[];
  /** Undefined while they are not known: the gateway's default answers. */
  readonly agent: string | undefined;
  readonly choose: (name: string) => void;
}

/** The choice is remembered for new threads; in a thread it begins with the agent that answered last. */
export function useAgents(lastAgent: string | undefined): AgentChoice {
  const client = useClient();
  const [agents, setAgents] = useState<readonly AgentView[]>([]);
  const [chosen, setChosen] = useState<string | undefined>(undefined);

  useEffect(() => {
    let wanted = true;
    client.agents().then(
      (list) => wanted && setAgents(list),
      (error: unknown) => console.warn("the agents could not be loaded; the default one answers", error),
    );
    return () => {
      wanted = false;
    };
  }, [client]);

  const known = (name: string | undefined) => agents.some((agent) => agent.name === name);
  const candidates = [chosen, lastAgent, readStored("agent"), agents.find((agent) => agent.default)?.name];
  return {
    agents,
    agent: candidates.find(known),
    choose(name) {
      setChosen(name);
      writeStored("agent", name);
    },
  };
}
